import KerasGraph
import KerasLayers

/// Momentum made orthogonal, for matrices; everything else is ``AdamW``'s.
///
/// Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024), https://kellerjordan.github.io/posts/muon.
public final class Muon: Optimizer, @unchecked Sendable {
  @Setting("adam_beta_1", .share) public private(set) var adamBeta1: Double
  @Setting("adam_beta_2", .share) public private(set) var adamBeta2: Double
  @Setting("epsilon") public private(set) var epsilon: Double
  /// Regular expressions; weights in whose path one is found are Adam's.
  @Setting("exclude_layers", .texts) public private(set) var excludedLayers: [String]
  @Setting("muon_a") public private(set) var a: Double
  @Setting("muon_b") public private(set) var b: Double
  @Setting("muon_c") public private(set) var c: Double
  @Setting("adam_lr_ratio") public private(set) var adamRateRatio: Double
  @Setting("momentum", .share) public private(set) var momentum: Double
  @Setting("ns_steps") public private(set) var iterationCount: Int
  @Setting("nesterov") public private(set) var isNesterov: Bool
  @Setting("exclude_embeddings") public private(set) var excludesEmbeddings: Bool
  @Setting("adam_weight_decay") public private(set) var adamWeightDecay: Double?
  @Setting("rms_rate") public private(set) var rmsRate: Double?

  public init(
    learningRate: LearningRate = 0.001, momentum: Double = 0.95, isNesterov: Bool = true,
    iterationCount: Int = 5, weightDecay: Double? = 0.004, adamBeta1: Double = 0.9, adamBeta2: Double = 0.999,
    adamWeightDecay: Double? = 0.004, adamRateRatio: Double = 1, epsilon: Double = 1e-7,
    excludedLayers: [String] = [], excludesEmbeddings: Bool = true, a: Double = 3.4445, b: Double = -4.775,
    c: Double = 2.0315, rmsRate: Double? = 0.2, options: OptimizerOptions = OptimizerOptions()
  ) {
    var options = options
    options.weightDecay = weightDecay
    super.init(name: "muon", learningRate: learningRate, options: options)
    self.adamBeta1 = adamBeta1
    self.adamBeta2 = adamBeta2
    self.epsilon = epsilon
    self.excludedLayers = excludedLayers
    (self.a, self.b, self.c) = (a, b, c)
    self.adamRateRatio = adamRateRatio
    self.momentum = momentum
    self.iterationCount = iterationCount
    self.isNesterov = isNesterov
    self.excludesEmbeddings = excludesEmbeddings
    self.adamWeightDecay = adamWeightDecay
    self.rmsRate = rmsRate
  }

  private func isAdams(_ variable: Variable) -> Bool {
    variable.shape.count != 2 || excludesEmbeddings && variable.path.lowercased().contains("embedding")
      || excludedLayers.contains { isFound($0, in: variable.path) }
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    [[OptimizerSlot("momentum")] + (isAdams(weight) ? [OptimizerSlot("velocity")] : [])]
  }

  public override func decay(of weight: Variable) -> Double? {
    isAdams(weight) ? adamWeightDecay : weightDecay
  }

  public override func update(_ weight: WeightUpdate) {
    let g = weight.gradient
    guard !isAdams(weight.variable) else {
      let (m, v) = moments(weight, beta1: adamBeta1, beta2: adamBeta2)
      let rate = correctedRate(
        weight, weight.learningRate * adamRateRatio, beta1: adamBeta1, beta2: adamBeta2)
      weight.value = weight.value - m * rate / (v.root + epsilon)
      return
    }
    let m = weight["momentum"] * momentum + g
    weight["momentum"] = m
    var move = orthogonal(isNesterov ? g + m * momentum : m, weight.variable.shape) * weight.learningRate
    if let rmsRate { move = move * (Double(weight.variable.shape.max() ?? 1).squareRoot() * rmsRate) }
    weight.value = weight.value - move
  }

  /// The nearest orthogonal matrix, nearly, by iterations after Newton and Schulz.
  private func orthogonal(_ matrix: RecordedValue, _ shape: [Int]) -> RecordedValue {
    let isTall = shape[0] > shape[1]
    var x = isTall ? matrix.transposed() : matrix
    x = x / (x.squared.total().root + 1e-7)
    for _ in 0..<iterationCount {
      let square = x.matrixProduct(x.transposed())
      x = x * a + (square * b + (square * c).matrixProduct(square)).matrixProduct(x)
    }
    return isTall ? x.transposed() : x
  }
}

extension SettingCodec where Value == [String] {
  /// A list of texts.
  static var texts: SettingCodec<[String]> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard let json = configuration.value(key) else { return nil }
        let texts = json.array?.compactMap(\.string)
        guard let texts, texts.count == json.array?.count else {
          throw configuration.wrong(key, "a list of texts", json)
        }
        return texts
      },
      writing: { texts, key, config in config[key] = .array(texts.map { .string($0) }) })
  }
}

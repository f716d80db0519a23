import KerasGraph

/// A layer whose large weight can be fine-tuned through two thin ones beside it: `weight + alpha / rank · A · B`.
///
/// - Weights: behind the layer's others, `lora_kernel_a [inputs…, rank]` and `lora_kernel_b [rank, outputs]`
///   (`lora_embeddings_a`, `lora_embeddings_b`), always float32. The large one stops training.
///
/// `B` starts at zero, so that adapting changes nothing at first. Files of Keras 3 hold the sum in the large weight's
/// place and nothing of `A` and `B`; reading one sets `B` to zero again. (Keras zeroes `A`, too, and trains neither
/// ever after.)
///
/// ```swift
/// let layer = Dense(units: 512, loraRank: 8)
/// try layer.enableLoRA(rank: 8, alpha: 16)  // or later, of a layer that is built
/// ```
/// Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models" (2021).
public protocol LowRankAdaptable: Layer {
  var adaptation: LowRankAdaptation { get }
}

/// Which weight of a layer is adapted, and how.
public final class LowRankAdaptation: @unchecked Sendable {
  // Changed only as the layer itself is: by one thread at a time.
  /// The number of columns of `A`; nil for no adaptation.
  public fileprivate(set) var rank: Int?
  /// The product counts `alpha / rank` times.
  public fileprivate(set) var alpha: Double?
  fileprivate let weightName: String

  /// - Parameter alpha: nil for `rank`. (Keras forgets that of `Dense` and `Embedding` when it builds them.)
  init(of weightName: String, rank: Int?, alpha: Double?) {
    self.weightName = weightName
    set(rank, alpha)
  }

  fileprivate func set(_ rank: Int?, _ alpha: Double?) {
    // Keras takes 0 for none.
    self.rank = rank == 0 ? nil : rank
    self.alpha = self.rank.map { alpha ?? Double($0) }
  }

  fileprivate var names: (a: String, b: String) { ("lora_\(weightName)_a", "lora_\(weightName)_b") }
}

/// Files hold `<key>_rank` and `<key>_alpha`, where there is an adaptation.
extension LowRankAdaptation: SettingValue {
  public static var settingCodec: SettingCodec<LowRankAdaptation> {
    SettingCodec(
      reading: { (configuration, key, current) throws(KerasError) in
        current?.set(try configuration.integer("\(key)_rank"), try configuration.number("\(key)_alpha"))
        return current
      },
      writing: { adaptation, key, config in
        guard let rank = adaptation.rank, let alpha = adaptation.alpha else { return }
        config["\(key)_rank"] = .integer(rank)
        config["\(key)_alpha"] = Int(exactly: alpha).map(JSON.integer) ?? .number(alpha)
      })
  }
}

extension LowRankAdaptable {
  public var loraRank: Int? { adaptation.rank }
  public var loraAlpha: Double? { adaptation.alpha }
  /// Whether `A` and `B` are there: a layer that was given a rank has them once it is built.
  public var isLoRAEnabled: Bool { ownWeights.contains { $0.name == adaptation.names.a } }

  /// Adds the two thin weights to a layer that is built, and stops the large one from training.
  ///
  /// - Parameter alpha: the product counts `alpha / rank` times; nil for once.
  /// - Throws: `invalidArgument` for a layer that is not built, adapted already, or has a constraint on the weight, and
  ///   for a rank that is not positive.
  public func enableLoRA(
    rank: Int, alpha: Double? = nil, aInitializer: any Initializer = .heUniform,
    bInitializer: any Initializer = .zeros
  ) throws(KerasError) {
    try within(name) { () throws(KerasError) in
      try require(
        isBuilt,
        "The layer has no weights to adapt yet.",
        remedy: "call it first, or give its initializer a loraRank.")
      try require(!isLoRAEnabled, "The layer is adapted already, at rank \(loraRank ?? 0).")
      let shape = try weight(adaptation.weightName).shape
      guard checkedElementCount([shape.reduce(1, max), max(rank, 0), 4]) != nil else {
        throw KerasError(.invalidArgument, "No memory holds an adaptation of rank \(rank).")
      }
      try addFactors(rank: rank, alpha: alpha, aInitializer, bInitializer)
    }
  }

  /// For the end of `build`: adds the weights where the layer was given a rank.
  func buildAdaptation() throws(KerasError) {
    guard let rank = adaptation.rank else { return }
    try addFactors(rank: rank, alpha: adaptation.alpha, .heUniform, .zeros)
  }

  private func addFactors(
    rank: Int, alpha: Double?, _ aInitializer: any Initializer, _ bInitializer: any Initializer
  ) throws(KerasError) {
    let base = try weight(adaptation.weightName)
    try require(rank > 0, "The rank of an adaptation is positive, found \(rank).")
    try require(
      base.constraint == nil,
      "A weight with a constraint cannot be adapted: its sum with A · B need not fulfil it.",
      remedy: "remove the constraint of `\(base.name)`.")
    addWeight(
      adaptation.names.a, shape: base.shape.dropLast() + [rank], initializer: aInitializer,
      regularizer: base.regularizer, dataType: .float32)
    addWeight(
      adaptation.names.b, shape: [rank] + base.shape.suffix(1), initializer: bInitializer,
      regularizer: base.regularizer, dataType: .float32)
    base.isTrainable = false
    adaptation.set(rank, alpha)
  }

  /// The large weight, with what adapts it.
  ///
  /// - Parameter type: nil for that of the layer's computation.
  package func adaptedWeight(in context: CallContext, as type: DataType? = nil) throws(KerasError) -> Value {
    func value(_ name: String) throws(KerasError) -> Value {
      guard let type else { return try context.value(of: weight(name)) }
      return try context.value(of: weight(name), as: type)
    }
    let base = try value(adaptation.weightName)
    guard isLoRAEnabled, let rank = loraRank, let alpha = loraAlpha else { return base }
    let graph = context.graph
    let product = try graph.matrixMultiply(value(adaptation.names.a), value(adaptation.names.b))
    return try (graph[base] + graph[product] * (alpha / Double(rank))).value
  }

  /// Whether `variable` is the large weight, and adapted.
  package func adapts(_ variable: Variable) -> Bool {
    isLoRAEnabled && variable.name == adaptation.weightName
  }

  /// Whether `variable` is `A` or `B`.
  package func isAdapter(_ variable: Variable) -> Bool {
    [adaptation.names.a, adaptation.names.b].contains(variable.name)
  }

  /// Sets `B` to zero.
  package func resetAdaptation() throws(KerasError) {
    let b = try weight(adaptation.names.b)
    try b.assign(Tensor(zeros: b.shape, b.dataType))
  }
}

import KerasGraph

/// Batch normalization: `gamma · (x − mean) / √(variance + epsilon) + beta`, channel by channel.
///
/// - Input: any shape with channels along ``axis``. Output: the same.
/// - Weights, in file order: `gamma`, `beta` (where used), `moving_mean`, `moving_variance`, with renormalization
///   then `moving_stddev`, `renorm_mean`, `renorm_stddev`; each `[channels]`.
///
/// Training normalizes by the batch's own mean and (population) variance and moves the moving ones towards them:
/// `moving = momentum · moving + (1 − momentum) · batch`. Masked steps do not count. Prediction, and a frozen layer
/// in training, normalizes by the moving statistics.
///
/// Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift"
/// (2015), Algorithms 1 and 2; renormalization: Ioffe, "Batch Renormalization" (2017), Algorithm 1.
public final class BatchNormalization: Layer, @unchecked Sendable {
  /// Of the channels; negative ones are counted from the back.
  @Setting("axis", .oneAxis) public private(set) var axis: Int
  /// How much of the moving statistics a batch leaves.
  @Setting("momentum") public private(set) var momentum: Double
  @Setting("epsilon") public private(set) var epsilon: Double
  public let weightSettings: ScaleAndOffset
  @Setting("moving_mean_initializer", .initializer)
  public private(set) var movingMeanInitializer: any Initializer
  @Setting("moving_variance_initializer", .initializer)
  public private(set) var movingVarianceInitializer: any Initializer
  /// Whether training corrects the batch's statistics towards the moving ones; nil for not.
  @Setting("renorm", BatchRenormalization.settingCodec)
  public private(set) var renormalization: BatchRenormalization?
  /// What files say of training on several machines; on one it changes nothing.
  @Setting("synchronized") public private(set) var isSynchronized: Bool
  private var fusesImages = false

  /// Whether beta is learned; without it, 0.
  public var centers: Bool { weightSettings.centers }
  /// Whether gamma is learned; without it, 1.
  public var scales: Bool { weightSettings.scales }

  public init(
    axis: Int = -1, momentum: Double = 0.99, epsilon: Double = 1e-3, centers: Bool = true,
    scales: Bool = true,
    betaInitializer: any Initializer = .zeros, gammaInitializer: any Initializer = .ones,
    movingMeanInitializer: any Initializer = .zeros, movingVarianceInitializer: any Initializer = .ones,
    betaRegularizer: (any Regularizer)? = nil, gammaRegularizer: (any Regularizer)? = nil,
    betaConstraint: (any Constraint)? = nil, gammaConstraint: (any Constraint)? = nil,
    renormalization: BatchRenormalization? = nil, isSynchronized: Bool = false, name: String? = nil
  ) {
    weightSettings = ScaleAndOffset(
      centers, scales, beta: .init(betaInitializer, betaRegularizer, betaConstraint),
      gamma: .init(gammaInitializer, gammaRegularizer, gammaConstraint))
    super.init(name: name)
    self.axis = axis
    self.momentum = momentum
    self.epsilon = epsilon
    self.movingMeanInitializer = movingMeanInitializer
    self.movingVarianceInitializer = movingVarianceInitializer
    self.renormalization = renormalization
    self.isSynchronized = isSynchronized
  }

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    fusesImages = configuration.version.fusesNormalization
  }

  public override var supportsMasking: Bool { true }
  public override var callParameters: [String] { ["inputs", "mask"] }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let shape = [try knownLength(axis, of: inputs[0])]
    weightSettings.addWeights(to: self, shape: shape)
    addWeight("moving_mean", shape: shape, initializer: movingMeanInitializer, isTrainable: false)
    addWeight("moving_variance", shape: shape, initializer: movingVarianceInitializer, isTrainable: false)
    if renormalization != nil {
      let deviation = SquareRootInitializer(of: movingVarianceInitializer)
      addWeight("moving_stddev", shape: shape, initializer: deviation, isTrainable: false)
      addWeight("renorm_mean", shape: shape, initializer: movingMeanInitializer, isTrainable: false)
      addWeight("renorm_stddev", shape: shape, initializer: deviation, isTrainable: false)
    }
  }

  public override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    guard let input = inputs.first, inputs.count <= 2 else {
      throw KerasError(
        .invalidArgument,
        "BatchNormalization takes one input and perhaps a mask, found \(inputs.count) tensors.")
    }
    let graph = context.graph
    let explicit = try inputs.dropFirst().first.map(graph.truth(of:))
    if let explicit { context.setOutputMasks([explicit]) }
    let type = graph.spec(of: input).dataType
    let output = try normalized(graph.widened(input), mask: explicit ?? context.mask(), in: context)
    return [try graph.cast(output, to: type)]
  }

  /// The channels go last for the computation; where they already are, nothing moves.
  private func normalized(_ input: Value, mask: Value?, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let x = try graph.moveAxis(input, from: axis, to: -1)
    let (mean, variance) = (try weight("moving_mean"), try weight("moving_variance"))
    var gamma = scales ? try value(of: weight("gamma"), like: x, in: context) : nil
    var beta = centers ? try value(of: weight("beta"), like: x, in: context) : nil
    var statistics = (
      mean: try value(of: mean, like: x, in: context), variance: try value(of: variance, like: x, in: context)
    )
    if context.isTraining, isTrainable {
      let ignoresMask = fusesImages && renormalization == nil && graph.shape(of: x).rank == 4
      statistics = try moments(input, x, mask: ignoresMask ? nil : mask, in: graph)
      if let renormalization {
        (gamma, beta) = try renormalization.correct(
          gamma, beta, statistics, of: self, epsilon: epsilon, in: context)
        try renormalization.update(self, statistics, momentum: momentum, epsilon: epsilon, in: context)
      } else {
        try move(mean, towards: statistics.mean, momentum, in: context)
        try move(
          variance, towards: keptVariance(statistics.variance, of: x, in: graph), momentum, in: context)
      }
    }
    let type = graph.spec(of: x).dataType
    let output = try graph.batchNormalization(
      x, gamma: gamma ?? graph.constant(Tensor(repeating: 1 as Float, shape: mean.shape).converted(to: type)),
      beta: beta ?? graph.constant(Tensor(zeros: mean.shape, type)), mean: statistics.mean,
      variance: statistics.variance, epsilon: Float(epsilon))
    return try graph.moveAxis(output, from: -1, to: axis)
  }

  /// Mean and variance over all axes but the channels', which are last in `x`.
  private func moments(
    _ input: Value, _ x: Value, mask: Value?, in graph: GraphBuilder
  ) throws(KerasError) -> (mean: Value, variance: Value) {
    let axes = Array(graph.shape(of: x).indices.dropLast())
    guard let mask else { return try graph.moments(x, axes: axes) }
    // A mask says something of steps, which are the first axes of the input.
    let counted = try graph.moveAxis(graph.featureMask(mask, like: input), from: axis, to: -1)
    let weights = try graph[graph.cast(counted, to: graph.spec(of: x).dataType)]
    let count = weights.sum(axes: axes) + 1e-7
    let mean = graph[x].kept(where: graph[counted], else: 0).sum(axes: axes) / count
    let deviation = (graph[x] - mean).kept(where: graph[counted], else: 0)
    return (try mean.value, try (deviation.applying(.square).sum(axes: axes) / count).value)
  }

  /// The variance that the moving one moves towards.
  private func keptVariance(_ variance: Value, of x: Value, in graph: GraphBuilder) throws(KerasError)
    -> Value
  {
    let shape = graph.shape(of: x)
    guard fusesImages, shape.rank == 4, let count = Shape(Array(shape.dropLast())).elementCount else {
      return variance
    }
    return try (graph[variance] * Double(Float(count) / Float(max(count - 1, 1)))).value
  }

  /// Moves a weight towards a batch's value.
  func move(
    _ variable: Variable, towards batch: Value, _ momentum: Double, in context: CallContext
  ) throws(KerasError) {
    let old = try context[value(of: variable, like: batch, in: context)]
    try context.assign((old * momentum + context[batch] * (1 - momentum)).value, to: variable)
  }

  /// As it is stored, in the type of `x`: 16 bits between, which the layer may compute in, would lose digits, and a
  /// large variance altogether.
  func value(of variable: Variable, like x: Value, in context: CallContext) throws(KerasError) -> Value {
    try context.value(of: variable, as: context.graph.spec(of: x).dataType)
  }
}

extension SettingCodec where Value == Int {
  /// TF-Keras writes a list of one axis.
  fileprivate static var oneAxis: SettingCodec<Int> {
    let axes = [Int].settingCodec.requiring("one axis") { $0.count == 1 }
    return SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in try axes.read(configuration, key, nil)?.first
      },
      writing: Int.settingCodec.write)
  }
}

/// The square root of what another initializer makes.
private struct SquareRootInitializer: Initializer {
  let radicand: any Initializer

  init(of radicand: any Initializer) { self.radicand = radicand }

  var config: JSONObject { [:] }

  func check(shape: [Int]) throws { try radicand.check(shape: shape) }

  func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    let values: [Float] = radicand.makeTensor(shape: shape, from: stream).scalars()
    return Tensor(uninitialized: shape, Float.self) { elements in
      for i in elements.indices { elements[i] = values[i].squareRoot() }
    }
  }
}

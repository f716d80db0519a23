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
  public let axis: Int
  /// How much of the moving statistics a batch leaves.
  public let momentum: Double
  public let epsilon: Double
  public let weightSettings: ScaleAndOffset
  public let movingMeanInitializer: any Initializer
  public let movingVarianceInitializer: any Initializer
  /// Whether training corrects the batch's statistics towards the moving ones; nil for not.
  public let renormalization: BatchRenormalization?
  /// What files say of training on several machines; on one it changes nothing.
  public let isSynchronized: Bool
  /// Keras 2 gave images to TensorFlow's fused kernel, which knows no masks and returns the sample's variance (over
  /// n − 1), to be kept.
  private let fusesImages: Bool

  /// Whether beta is learned; without it, 0.
  public var centers: Bool { weightSettings.centers }
  /// Whether gamma is learned; without it, 1.
  public var scales: Bool { weightSettings.scales }

  public convenience init(
    axis: Int = -1, momentum: Double = 0.99, epsilon: Double = 1e-3, centers: Bool = true,
    scales: Bool = true,
    betaInitializer: any Initializer = .zeros, gammaInitializer: any Initializer = .ones,
    movingMeanInitializer: any Initializer = .zeros, movingVarianceInitializer: any Initializer = .ones,
    betaRegularizer: (any Regularizer)? = nil, gammaRegularizer: (any Regularizer)? = nil,
    betaConstraint: (any Constraint)? = nil, gammaConstraint: (any Constraint)? = nil,
    renormalization: BatchRenormalization? = nil, isSynchronized: Bool = false, name: String? = nil
  ) {
    self.init(
      axis: axis, momentum: momentum, epsilon: epsilon,
      weightSettings: ScaleAndOffset(
        centers: centers, scales: scales, betaInitializer: betaInitializer,
        gammaInitializer: gammaInitializer, betaRegularizer: betaRegularizer,
        gammaRegularizer: gammaRegularizer, betaConstraint: betaConstraint, gammaConstraint: gammaConstraint),
      movingMeanInitializer: movingMeanInitializer, movingVarianceInitializer: movingVarianceInitializer,
      renormalization: renormalization, isSynchronized: isSynchronized, fusesImages: false, name: name
    )
  }

  private init(
    axis: Int, momentum: Double, epsilon: Double, weightSettings: ScaleAndOffset,
    movingMeanInitializer: any Initializer, movingVarianceInitializer: any Initializer,
    renormalization: BatchRenormalization?, isSynchronized: Bool, fusesImages: Bool, name: String?
  ) {
    self.axis = axis
    self.momentum = momentum
    self.epsilon = epsilon
    self.weightSettings = weightSettings
    self.movingMeanInitializer = movingMeanInitializer
    self.movingVarianceInitializer = movingVarianceInitializer
    self.renormalization = renormalization
    self.isSynchronized = isSynchronized
    self.fusesImages = fusesImages
    super.init(name: name)
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    // `mode` of Keras 1: 0 is all that was left of it; the others are settings of TensorFlow 1.
    settings.ignore("mode", "fused", "virtual_batch_size", "adjustment")
    // TF-Keras writes a list of one axis.
    let axes = try settings.integers("axis") ?? [-1]
    guard axes.count == 1 else { throw settings.wrong("axis", "one axis", settings.value("axis") ?? .null) }
    self.init(
      axis: axes[0], momentum: try settings.number("momentum", default: 0.99),
      epsilon: try settings.number("epsilon", default: 1e-3), weightSettings: try ScaleAndOffset(settings),
      movingMeanInitializer: try settings.initializer("moving_mean_initializer", default: .zeros),
      movingVarianceInitializer: try settings.initializer("moving_variance_initializer", default: .ones),
      renormalization: try BatchRenormalization(settings),
      isSynchronized: try settings.boolean("synchronized", default: false),
      fusesImages: settings.version == .keras2, name: settings.name)
  }

  public override var config: JSONObject {
    let start: JSONObject = [
      "axis": .integer(axis), "momentum": .number(momentum), "epsilon": .number(epsilon),
    ]
    let end: JSONObject = [
      "moving_mean_initializer": movingMeanInitializer.json,
      "moving_variance_initializer": movingVarianceInitializer.json, "synchronized": .bool(isSynchronized),
    ]
    return start.merging(weightSettings.config).merging(end)
      .merging(BatchRenormalization.config(of: renormalization))
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

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    guard let input = inputs.first, inputs.count <= 2 else {
      throw KerasError(
        .invalidArgument,
        "BatchNormalization takes one input and perhaps a mask, found \(inputs.count) tensors.")
    }
    let graph = context.graph
    let explicit = try inputs.dropFirst().first.map { (mask) throws(KerasError) in try graph.truth(of: mask) }
    if let explicit { context.setOutputMasks([explicit]) }
    let type = graph.spec(of: input).dataType
    let output = try normalized(
      graph.widened(input), mask: explicit ?? context.mask(), in: context)
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
    let zero = try graph.scalar(0, like: x)
    let weights = try graph.cast(counted, to: graph.spec(of: x).dataType)
    let count = try graph.unary(.linear(scale: 1, offset: 1e-7), graph.sum(weights, axes: axes))
    let mean = try graph.binary(.divide, graph.sum(graph.select(counted, x, zero), axes: axes), count)
    let deviation = try graph.select(counted, graph.binary(.subtract, x, mean), zero)
    let squares = try graph.sum(graph.unary(.square, deviation), axes: axes)
    return (mean, try graph.binary(.divide, squares, count))
  }

  /// The variance that the moving one moves towards.
  private func keptVariance(_ variance: Value, of x: Value, in graph: GraphBuilder) throws(KerasError)
    -> Value
  {
    let shape = graph.shape(of: x)
    guard fusesImages, shape.rank == 4 else { return variance }
    guard let count = Shape(Array(shape.dropLast())).elementCount else { return variance }
    let correction = Float(count) / Float(max(count - 1, 1))
    return try graph.unary(.linear(scale: correction, offset: 0), variance)
  }

  /// Moves a weight towards a batch's value.
  func move(
    _ variable: Variable, towards batch: Value, _ momentum: Double, in context: CallContext
  ) throws(KerasError) {
    let graph = context.graph
    let old = try value(of: variable, like: batch, in: context)
    let moved = try graph.add(
      graph.unary(.linear(scale: Float(momentum), offset: 0), old),
      graph.unary(.linear(scale: Float(1 - momentum), offset: 0), batch))
    try context.assign(moved, to: variable)
  }

  func value(of variable: Variable, like x: Value, in context: CallContext) throws(KerasError) -> Value {
    try context.graph.cast(context.value(of: variable), to: context.graph.spec(of: x).dataType)
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

import KerasGraph

/// Layer normalization: each sample by its own mean and variance along some axes,
/// `gamma · (x − mean) / √(variance + epsilon) + beta`.
///
/// - Input: any shape. Output: the same.
/// - Weights, in file order: `gamma`, `beta` (where used), with the lengths of the normalized axes.
///
/// Ba, Kiros and Hinton, "Layer Normalization" (2016).
public final class LayerNormalization: Layer, @unchecked Sendable {
  @Setting("axis") public private(set) var axis: AxisSelection
  @Setting("epsilon") public private(set) var epsilon: Double
  public let weightSettings: ScaleAndOffset
  /// Keras' deprecated `rms_scaling`: divides by the deviation without taking off the mean.
  @Setting("rms_scaling") private var scalesByDeviationOnly: Bool
  private var sortsAxes = true

  public init(
    axis: AxisSelection = -1, epsilon: Double = 1e-3, centers: Bool = true, scales: Bool = true,
    betaInitializer: any Initializer = .zeros, gammaInitializer: any Initializer = .ones,
    betaRegularizer: (any Regularizer)? = nil, gammaRegularizer: (any Regularizer)? = nil,
    betaConstraint: (any Constraint)? = nil, gammaConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    weightSettings = ScaleAndOffset(
      centers, scales, beta: .init(betaInitializer, betaRegularizer, betaConstraint),
      gamma: .init(gammaInitializer, gammaRegularizer, gammaConstraint))
    super.init(name: name)
    self.axis = axis
    self.epsilon = epsilon
    scalesByDeviationOnly = false
  }

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    sortsAxes = configuration.version.sortsAxes
  }

  public override var supportsMasking: Bool { true }
  public override var castsInputs: Bool { false }

  /// The weights there are, whatever the settings say of an offset that this way of scaling has not.
  private var weightsInUse: ScaleAndOffset {
    scalesByDeviationOnly ? weightSettings.scalingOnly : weightSettings
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let axes = try axis.storedOrder(rank: inputs[0].shape.rank, isSorted: sortsAxes)
    weightsInUse.addWeights(to: self, shape: try knownLengths(axes, of: inputs[0]))
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let x = try graph.widened(input)
    let shape = graph.shape(of: x)
    let axes = try axis.resolved(rank: shape.rank)
    var result: Value
    if scalesByDeviationOnly {
      let variance = try graph.variance(x, axes: axes, keepsDimensions: true)
      result = try (graph[x] * graph[variance].inverseDeviation(epsilon)).value
    } else {
      result = try graph.standardize(x, axes: axes, epsilon: epsilon)
    }
    let weightShape = Shape(shape.indices.map { axes.contains($0) ? shape[$0] : 1 })
    result = try weightsInUse.apply(to: result, of: self, shape: weightShape, in: context)
    return try graph.cast(result, to: dataTypePolicy.computeType)
  }
}

extension GraphBuilder {
  /// `(x − mean) / √(variance + epsilon)` along `axes`, ascending; along the last ones in one operation.
  func standardize(_ x: Value, axes: [Int], epsilon: Double) throws(KerasError) -> Value {
    let shape = shape(of: x)
    guard !axes.isEmpty, axes == Array((shape.rank - axes.count)..<shape.rank) else {
      let (mean, variance) = try moments(x, axes: axes, keepsDimensions: true)
      return try ((self[x] - self[mean]) * self[variance].inverseDeviation(epsilon)).value
    }
    guard axes.count > 1 else { return try standardize(x, epsilon: Float(epsilon)) }
    let inner = Shape(axes.map { shape[$0] }).elementCount
    let flat = try reshaped(x, to: Shape(Array(shape.prefix(shape.rank - axes.count)) + [inner]))
    return try reshaped(standardize(flat, epsilon: Float(epsilon)), to: shape)
  }
}

extension RecordedValue {
  /// `1 / √(variance + epsilon)` of a variance.
  func inverseDeviation(_ epsilon: Double) -> RecordedValue {
    (self + epsilon).applying(.reciprocalSquareRoot)
  }
}

import KerasGraph

/// x where x > 0, else alpha · x with learned slopes.
///
/// - Input: `[batch, …]`. Output: the same.
/// - Weights: `alpha`, one number for each element of a sample, or one for all along ``sharedAxes``.
///
/// He, Zhang, Ren and Sun, "Delving Deep into Rectifiers" (2015).
public final class PReLU: Layer, @unchecked Sendable {
  @Setting("alpha") public private(set) var alpha: WeightSettings
  /// Axes along which the slope is the same; 1 is the first behind the batch.
  @Setting("shared_axes") public private(set) var sharedAxes: [Int]?

  public init(
    alphaInitializer: any Initializer = .zeros, alphaRegularizer: (any Regularizer)? = nil,
    alphaConstraint: (any Constraint)? = nil, sharedAxes: [Int]? = nil, name: String? = nil
  ) {
    super.init(name: name)
    self.alpha = WeightSettings(alphaInitializer, alphaRegularizer, alphaConstraint)
    self.sharedAxes = sharedAxes
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let shape = try parameterShape(for: inputs[0], sharedAxes: sharedAxes)
    addWeight("alpha", shape: shape, alpha)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let below = try graph.unary(.relu, graph.unary(.negate, input))
    let bent = try graph.multiply(context.value(of: weight("alpha")), below)
    return try graph.binary(.subtract, graph.unary(.relu, input), bent)
  }
}

extension Layer {
  /// The shape of what a layer learns for each element of a sample, or for all along `sharedAxes`.
  func parameterShape(for input: TensorSpec, sharedAxes: [Int]?) throws(KerasError) -> [Int] {
    let axes = 1..<max(input.shape.rank, 1)
    let shared = sharedAxes ?? []
    try require(
      shared.allSatisfy(axes.contains),
      "\(className) shares numbers along axes behind the batch, found \(shared) for \(input).")
    var shape: [Int] = []
    for axis in axes { shape.append(shared.contains(axis) ? 1 : try knownLength(axis, of: input)) }
    return shape
  }
}

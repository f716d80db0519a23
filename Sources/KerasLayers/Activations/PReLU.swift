import KerasGraph

/// x where x > 0, else alpha · x with learned slopes.
///
/// - Input: `[batch, …]`. Output: the same.
/// - Weights: `alpha`, one number for each element of a sample, or one for all along ``sharedAxes``.
///
/// He, Zhang, Ren and Sun, "Delving Deep into Rectifiers" (2015).
public final class PReLU: Layer, @unchecked Sendable {
  public let alphaInitializer: any Initializer
  public let alphaRegularizer: (any Regularizer)?
  public let alphaConstraint: (any Constraint)?
  /// Axes along which the slope is the same; 1 is the first behind the batch.
  public let sharedAxes: [Int]?

  public init(
    alphaInitializer: any Initializer = .zeros, alphaRegularizer: (any Regularizer)? = nil,
    alphaConstraint: (any Constraint)? = nil, sharedAxes: [Int]? = nil, name: String? = nil
  ) {
    self.alphaInitializer = alphaInitializer
    self.alphaRegularizer = alphaRegularizer
    self.alphaConstraint = alphaConstraint
    self.sharedAxes = sharedAxes
    super.init(name: name)
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    self.init(
      alphaInitializer: try settings.initializer("alpha_initializer", default: .zeros),
      alphaRegularizer: try settings.regularizer("alpha_regularizer"),
      alphaConstraint: try settings.constraint("alpha_constraint"),
      sharedAxes: try settings.integers("shared_axes"), name: settings.name)
  }

  public override var config: JSONObject {
    [
      "alpha_initializer": alphaInitializer.json, "alpha_regularizer": JSON(alphaRegularizer),
      "alpha_constraint": JSON(alphaConstraint), "shared_axes": JSON(sharedAxes),
    ]
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let shape = try parameterShape(for: inputs[0], sharedAxes: sharedAxes)
    addWeight(
      "alpha", shape: shape, initializer: alphaInitializer, regularizer: alphaRegularizer,
      constraint: alphaConstraint)
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
    guard shared.allSatisfy(axes.contains) else {
      throw KerasError(
        .invalidArgument,
        "\(className) shares numbers along axes behind the batch, found \(shared) for \(input).")
    }
    var shape: [Int] = []
    for axis in axes { shape.append(shared.contains(axis) ? 1 : try knownLength(axis, of: input)) }
    return shape
  }
}

import KerasGraph

/// The learned scale `gamma` and offset `beta` that end a normalization: whether there are any, and how they start.
public struct ScaleAndOffset: Sendable {
  /// Whether beta is learned; without it, 0.
  public var centers: Bool
  /// Whether gamma is learned; without it, 1.
  public var scales: Bool
  public var betaInitializer: any Initializer
  public var gammaInitializer: any Initializer
  public var betaRegularizer: (any Regularizer)?
  public var gammaRegularizer: (any Regularizer)?
  public var betaConstraint: (any Constraint)?
  public var gammaConstraint: (any Constraint)?

  public init(
    centers: Bool = true, scales: Bool = true, betaInitializer: any Initializer = .zeros,
    gammaInitializer: any Initializer = .ones, betaRegularizer: (any Regularizer)? = nil,
    gammaRegularizer: (any Regularizer)? = nil, betaConstraint: (any Constraint)? = nil,
    gammaConstraint: (any Constraint)? = nil
  ) {
    self.centers = centers
    self.scales = scales
    self.betaInitializer = betaInitializer
    self.gammaInitializer = gammaInitializer
    self.betaRegularizer = betaRegularizer
    self.gammaRegularizer = gammaRegularizer
    self.betaConstraint = betaConstraint
    self.gammaConstraint = gammaConstraint
  }

  init(_ settings: Configuration) throws(KerasError) {
    self.init(
      centers: try settings.boolean("center", default: true),
      scales: try settings.boolean("scale", default: true),
      betaInitializer: try settings.initializer("beta_initializer", default: .zeros),
      gammaInitializer: try settings.initializer("gamma_initializer", default: .ones),
      betaRegularizer: try settings.regularizer("beta_regularizer"),
      gammaRegularizer: try settings.regularizer("gamma_regularizer"),
      betaConstraint: try settings.constraint("beta_constraint"),
      gammaConstraint: try settings.constraint("gamma_constraint"))
  }

  var config: JSONObject {
    [
      "center": .bool(centers), "scale": .bool(scales), "beta_initializer": betaInitializer.json,
      "gamma_initializer": gammaInitializer.json, "beta_regularizer": JSON(betaRegularizer),
      "gamma_regularizer": JSON(gammaRegularizer), "beta_constraint": JSON(betaConstraint),
      "gamma_constraint": JSON(gammaConstraint),
    ]
  }

  /// Adds the weights `gamma` and `beta`, where used.
  func addWeights(to layer: Layer, shape: [Int]) {
    if scales {
      layer.addWeight(
        "gamma", shape: shape, initializer: gammaInitializer, regularizer: gammaRegularizer,
        constraint: gammaConstraint)
    }
    if centers {
      layer.addWeight(
        "beta", shape: shape, initializer: betaInitializer, regularizer: betaRegularizer,
        constraint: betaConstraint)
    }
  }

  /// `gamma · x + beta` with the weights of `layer`, read in the shape that broadcasts to `x`.
  func apply(
    to x: Value, of layer: Layer, shape: Shape, in context: CallContext
  ) throws(KerasError) -> Value {
    let (graph, type) = (context.graph, context.graph.spec(of: x).dataType)
    func weight(_ name: String) throws(KerasError) -> Value {
      try graph.cast(graph.reshaped(context.value(of: layer.weight(name)), to: shape), to: type)
    }
    var result = x
    if scales { result = try graph.multiply(result, weight("gamma")) }
    if centers { result = try graph.add(result, weight("beta")) }
    return result
  }
}

extension GraphBuilder {
  /// In at least float32, in which statistics are taken.
  func widened(_ x: Value) throws(KerasError) -> Value {
    let type = spec(of: x).dataType
    return type == .float16 || type == .bfloat16 ? try cast(x, to: .float32) : x
  }
}

extension JSONObject {
  /// These settings and then others.
  func merging(_ others: JSONObject) -> JSONObject {
    var merged = self
    for (key, value) in others { merged[key] = value }
    return merged
  }
}

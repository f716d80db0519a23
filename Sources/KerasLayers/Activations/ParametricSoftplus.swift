import KerasGraph

/// alpha · ln(1 + e^(beta · x)) with learned numbers. Of Keras 1.
///
/// - Input: `[batch, …]`. Output: the same.
/// - Weights, in file order: `alphas`, `betas`, each one number for each element of a sample, or one for all along
///   ``sharedAxes``.
///
/// McFarland, Cui and Butts, "Inferring Nonlinear Neuronal Computation Based on Physiologically Plausible Inputs"
/// (2013).
public final class ParametricSoftplus: Layer, @unchecked Sendable {
  /// What the numbers start as.
  @Setting("alpha_init") public private(set) var alpha: Double
  @Setting("beta_init") public private(set) var beta: Double
  /// Axes along which the numbers are the same; 1 is the first behind the batch.
  @Setting("shared_axes") public private(set) var sharedAxes: [Int]?

  public init(alpha: Double = 0.2, beta: Double = 5, sharedAxes: [Int]? = nil, name: String? = nil) {
    super.init(name: name)
    self.alpha = alpha
    self.beta = beta
    self.sharedAxes = sharedAxes
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let shape = try parameterShape(for: inputs[0], sharedAxes: sharedAxes)
    addWeight("alphas", shape: shape, initializer: .constant(alpha))
    addWeight("betas", shape: shape, initializer: .constant(beta))
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let scaled = try graph.multiply(context.value(of: weight("betas")), input)
    return try graph.multiply(context.value(of: weight("alphas")), graph.unary(.softplus, scaled))
  }
}

import KerasGraph

/// Batch normalization along the last axis: `gamma · (x − mean) / √(variance + epsilon) + beta`.
///
/// - Input: `[batch, …, channels]`. Output: the same.
/// - Weights, in file order: `gamma`, `beta` (where used), `moving_mean`, `moving_variance`, each `[channels]`.
///
/// Prediction normalizes by the moving statistics. Ioffe and Szegedy, "Batch Normalization: Accelerating Deep
/// Network Training by Reducing Internal Covariate Shift" (2015).
public final class BatchNormalization: Layer, @unchecked Sendable {
  public let momentum: Double
  public let epsilon: Double
  /// Whether beta is learned; without it, 0.
  public let centers: Bool
  /// Whether gamma is learned; without it, 1.
  public let scales: Bool

  public init(
    momentum: Double = 0.99, epsilon: Double = 1e-3, centers: Bool = true, scales: Bool = true,
    name: String? = nil
  ) {
    self.momentum = momentum
    self.epsilon = epsilon
    self.centers = centers
    self.scales = scales
    super.init(name: name)
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let shape = [try knownLength(-1, of: inputs[0])]
    if scales { addWeight("gamma", shape: shape, initializer: .ones) }
    if centers { addWeight("beta", shape: shape, initializer: .zeros) }
    addWeight("moving_mean", shape: shape, initializer: .zeros, isTrainable: false)
    addWeight("moving_variance", shape: shape, initializer: .ones, isTrainable: false)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let mean = try weight("moving_mean")
    let gamma =
      scales
      ? try context.value(of: weight("gamma"))
      : graph.constant(Tensor(repeating: 1 as Float, shape: mean.shape))
    let beta = centers ? try context.value(of: weight("beta")) : graph.constant(Tensor(zeros: mean.shape))
    return try graph.batchNormalization(
      input, gamma: gamma, beta: beta, mean: context.value(of: mean),
      variance: context.value(of: weight("moving_variance")), epsilon: Float(epsilon))
  }
}

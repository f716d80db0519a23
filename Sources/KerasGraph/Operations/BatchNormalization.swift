/// Batch normalization with given statistics, along the last axis:
/// `activation(gamma · (x − mean) / √(variance + epsilon) + beta)`.
///
/// - Inputs: x `[…, channels]`, then gamma, beta, mean and variance, each `[channels]`.
///
/// Ioffe and Szegedy, "Batch Normalization" (2015), Algorithm 2.
public struct BatchNormalizationOperation: OperationRule {
  public var epsilon: Float
  /// Fused by a pass; layers leave it out.
  public var activation: UnaryFunction?

  public init(epsilon: Float, activation: UnaryFunction? = nil) {
    self.epsilon = epsilon
    self.activation = activation
  }

  public var name: String { "batchNormalization" }
  public var settings: String { "epsilon \(epsilon)" + (activation.map { ", \($0)" } ?? "") }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(5...5, inputs, name)
    let channels = inputs[0].shape.last ?? nil
    for statistic in inputs.dropFirst() {
      guard statistic.shape.rank == 1, channels == nil || statistic.shape[0] == channels,
        statistic.dataType == inputs[0].dataType
      else {
        throw KerasError(.shapeMismatch, "Expected one number a channel of \(inputs[0]), found \(statistic).")
      }
    }
    return [inputs[0]]
  }

  public func inPlaceInputs(for inputs: [TensorSpec]) -> [Int] { [0] }
}

extension GraphBuilder {
  public func batchNormalization(
    _ x: Value, gamma: Value, beta: Value, mean: Value, variance: Value, epsilon: Float
  ) throws(KerasError) -> Value {
    try append(
      .batchNormalization(BatchNormalizationOperation(epsilon: epsilon)), [x, gamma, beta, mean, variance])[0]
  }
}

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

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool {
    use.hasRows == [true, false, false, false, false] && use.output.shape.rank > 1
  }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard activation == nil else { throw point.notDifferentiable("with a fused activation") }
    guard let upstream = point.upstream[0] else { return [nil, nil, nil, nil, nil] }
    let graph = point.graph
    let axes = Array(graph.shape(of: point.input(0)).indices.dropLast())
    func sum(_ value: Value) throws(KerasError) -> Value { try graph.reduce(.sum, value, axes: axes) }
    let reciprocal = try graph.unary(
      .reciprocalSquareRoot, graph.unary(.linear(scale: 1, offset: epsilon), point.input(4)))
    let scale = try graph.multiply(point.input(1), reciprocal)
    let x = try point.ifNeeded(0) { () throws(KerasError) in try graph.multiply(upstream, scale) }
    let offset = point.needed[2] || point.needed[3] ? try sum(upstream) : nil
    let mean = try point.ifNeeded(3) { () throws(KerasError) in
      try graph.unary(.negate, graph.multiply(offset.orElse(sum(upstream)), scale))
    }
    guard point.needed[1] || point.needed[4] else { return [x, nil, offset, mean, nil] }
    let deviation = try graph.binary(.subtract, point.input(0), point.input(3))
    let slope = try graph.multiply(sum(graph.multiply(upstream, deviation)), reciprocal)
    let variance = try point.ifNeeded(4) { () throws(KerasError) in
      let cubed = try graph.multiply(scale, graph.unary(.square, reciprocal))
      return try graph.unary(
        .linear(scale: -0.5, offset: 0), graph.multiply(sum(graph.multiply(upstream, deviation)), cubed))
    }
    return [x, slope, offset, mean, variance]
  }
}

extension GraphBuilder {
  /// `gamma · (x − mean) / √(variance + epsilon) + beta` along the last axis.
  ///
  /// - Parameter x: `[…, channels]`; the others are `[channels]` of its element type.
  /// - Throws: `shapeMismatch` where a statistic does not fit the channels.
  public func batchNormalization(
    _ x: Value, gamma: Value, beta: Value, mean: Value, variance: Value, epsilon: Float
  ) throws(KerasError) -> Value {
    try append(
      .batchNormalization(BatchNormalizationOperation(epsilon: epsilon)), [x, gamma, beta, mean, variance])[0]
  }
}

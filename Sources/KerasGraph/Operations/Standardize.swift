/// `(x − mean) / √(variance + epsilon)` over the last axis, the variance being the population's.
///
/// Ba, Kiros and Hinton, "Layer Normalization" (2016); other normalizations reshape to it.
public struct StandardizeOperation: OperationRule {
  public var epsilon: Float

  public init(epsilon: Float) { self.epsilon = epsilon }

  public var name: String { "standardize" }
  public var settings: String { "epsilon \(epsilon)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    guard inputs[0].shape.rank >= 1, inputs[0].dataType.isFloatingPoint else {
      throw KerasError(.shapeMismatch, "standardize takes floating-point vectors, found \(inputs[0]).")
    }
    return inputs
  }

  public func inPlaceInputs(for inputs: [TensorSpec]) -> [Int] { [0] }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.output.shape.rank > 1 }

  /// With `y` the output and `s = 1/√(variance + epsilon)`: `s · (d − mean(d) − y · mean(d · y))`.
  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    let (graph, y) = (point.graph, point.outputs[0])
    func mean(_ value: Value) throws(KerasError) -> Value {
      try graph.reduce(.mean, value, axes: [-1], keepsDimensions: true)
    }
    let x = point.input(0)
    let deviation = try graph.binary(.subtract, x, mean(x))
    let variance = try mean(graph.unary(.square, deviation))
    let scale = try graph.unary(
      .reciprocalSquareRoot, graph.unary(.linear(scale: 1, offset: epsilon), variance))
    let projected = try graph.multiply(y, mean(graph.multiply(upstream, y)))
    let rest = try graph.binary(.subtract, graph.binary(.subtract, upstream, mean(upstream)), projected)
    return [try graph.multiply(rest, scale)]
  }
}

extension GraphBuilder {
  /// `(x − mean) / √(variance + epsilon)` of each vector along the last axis.
  public func standardize(_ x: Value, epsilon: Float) throws(KerasError) -> Value {
    try append(.standardize(StandardizeOperation(epsilon: epsilon)), [x])[0]
  }
}

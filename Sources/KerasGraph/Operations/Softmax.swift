/// `exp(x) / Σ exp(x)` along one axis, computed after subtracting the maximum.
public struct SoftmaxOperation: OperationRule {
  /// Counted from the front.
  public var axis: Int

  public init(axis: Int) { self.axis = axis }

  public var name: String { "softmax" }
  public var settings: String { "axis \(axis)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    guard inputs[0].shape.indices.contains(axis), inputs[0].dataType.isFloatingPoint else {
      throw KerasError(.invalidArgument, "softmax along axis \(axis) of \(inputs[0]) is not defined.")
    }
    return inputs
  }

  public func inPlaceInputs(for inputs: [TensorSpec]) -> [Int] { [0] }

  public func reordered(by permutation: [Int]) -> Graph.Operation? {
    .softmax(SoftmaxOperation(axis: permutation[axis]))
  }

  public var keepsInputsFloat32: Bool { true }

  public func worksRowByRow(_ use: BatchUse) -> Bool { axis != 0 }

  /// `y · (d − Σ d·y)`.
  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    let (graph, y) = (point.graph, point.outputs[0])
    let sum = try graph.reduce(.sum, graph.multiply(upstream, y), axes: [axis], keepsDimensions: true)
    return [try graph.multiply(y, graph.binary(.subtract, upstream, sum))]
  }
}

extension GraphBuilder {
  /// `exp(x) / Σ exp(x)` along an axis (negative: counted from the back).
  ///
  /// - Throws: `invalidArgument` for an axis that is not there, `shapeMismatch` for integers.
  public func softmax(_ x: Value, axis: Int = -1) throws(KerasError) -> Value {
    try append(.softmax(SoftmaxOperation(axis: try resolvedAxis(axis, rank: shape(of: x).rank))), [x])[0]
  }
}

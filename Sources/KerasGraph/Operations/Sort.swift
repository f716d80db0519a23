/// The elements along one axis in order, and where they stood.
///
/// - Outputs: the sorted tensor, then `int32` positions in the input. Equal elements keep their order (also when
///   descending); NaN come last when ascending, first when descending.
public struct SortOperation: OperationRule {
  /// Counted from the front.
  public var axis: Int
  public var isDescending: Bool

  public init(axis: Int, isDescending: Bool = false) {
    self.axis = axis
    self.isDescending = isDescending
  }

  public var name: String { "sort" }
  public var settings: String { "axis \(axis)" + (isDescending ? " descending" : "") }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    guard inputs[0].shape.indices.contains(axis), inputs[0].shape[axis] ?? 0 <= Int(Int32.max) else {
      throw KerasError(.invalidArgument, "\(inputs[0]) cannot be sorted along axis \(axis).")
    }
    return [inputs[0], TensorSpec(inputs[0].shape, .int32)]
  }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    let length = point.graph.shape(of: point.input(0))[axis]
    return [
      try point.graph.scatterAdd(upstream, at: point.outputs[1], axis: axis, length: length, kind: .elements)
    ]
  }
}

extension GraphBuilder {
  /// The elements along an axis (negative: counted from the back) in order, and where each stood, `int32`;
  /// equal ones keep their order.
  ///
  /// - Throws: `invalidArgument` for an axis that is not there.
  public func sort(
    _ x: Value, axis: Int = -1, isDescending: Bool = false
  ) throws(KerasError) -> (values: Value, positions: Value) {
    let axis = try resolvedAxis(axis, rank: shape(of: x).rank)
    let outputs = try append(.sort(SortOperation(axis: axis, isDescending: isDescending)), [x])
    return (outputs[0], outputs[1])
  }
}

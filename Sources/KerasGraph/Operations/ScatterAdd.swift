/// Zeros to which slices or elements are added at indices along one axis; the transpose of ``GatherOperation``.
///
/// - Inputs: updates (of gather's output shape), then indices (`int32`). Equal indices add up, in order.
/// - An index outside the axis is an error of the run.
public struct ScatterAddOperation: OperationRule {
  /// Counted from the front.
  public var axis: Int
  /// The axis' length in the output; nil where it is not known yet.
  public var length: Int?
  public var kind: IndexingKind

  public init(axis: Int, length: Int?, kind: IndexingKind = .slices) {
    self.axis = axis
    self.length = length
    self.kind = kind
  }

  public var name: String { "scatterAdd" }
  public var settings: String { "\(kind.rawValue) along axis \(axis) of \(length.map(String.init) ?? "?")" }

  public var canFail: Bool { true }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(2...2, inputs, name)
    let (updates, indices) = (inputs[0].shape, inputs[1].shape)
    let sliceRank = kind == .slices ? indices.rank : 1
    guard inputs[1].dataType == .int32, inputs[0].dataType != .bool, axis >= 0,
      axis + sliceRank <= updates.rank, (0..<1 << 48).contains(length ?? 0),
      kind == .elements ? updates.rank == indices.rank : true,
      zip(kind == .slices ? Array(updates[axis..<axis + sliceRank]) : Array(updates), indices)
        .allSatisfy({ $0 == nil || $1 == nil || $0 == $1 })
    else {
      throw KerasError(
        .shapeMismatch,
        "scatterAdd of \(kind.rawValue) along axis \(axis) takes updates and int32 indices that fit them, "
          + "found \(inputs[0]) and \(inputs[1]).")
    }
    var lengths = Array(updates)
    lengths.replaceSubrange(axis..<axis + sliceRank, with: [length])
    return [TensorSpec(Shape(lengths), inputs[0].dataType)]
  }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0], point.needed[0] else { return [nil, nil] }
    return [try point.graph.gather(upstream, at: point.input(1), axis: axis, kind: kind), nil]
  }
}

extension GraphBuilder {
  /// Zeros of `length` along `axis`, with `updates` added at `indices`.
  public func scatterAdd(
    _ updates: Value, at indices: Value, axis: Int = 0, length: Int?, kind: IndexingKind = .slices
  ) throws(KerasError) -> Value {
    try append(
      .scatterAdd(ScatterAddOperation(axis: axis, length: length, kind: kind)),
      [updates, cast(indices, to: .int32)])[0]
  }
}

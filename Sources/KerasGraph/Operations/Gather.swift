/// How indices choose elements along an axis.
public enum IndexingKind: String, Hashable, Sendable, CaseIterable {
  /// Each index takes a whole slice: `y[…, i…, …] = x[…, indices[i…], …]`, as `keras.ops.take`.
  case slices
  /// Each index takes one element; indices have the rank of `x` and, but for the axis, its lengths:
  /// `y[p] = x[p with the axis at indices[p]]`, as `keras.ops.take_along_axis`.
  case elements
}

/// Slices or elements along one axis, chosen by indices.
///
/// - Inputs: x, then indices (`int32`, from 0 up to the axis' length).
/// - An index outside is an error of the run.
public struct GatherOperation: OperationRule {
  /// Counted from the front.
  public var axis: Int
  public var kind: IndexingKind

  public init(axis: Int, kind: IndexingKind = .slices) {
    self.axis = axis
    self.kind = kind
  }

  public var name: String { "gather" }
  public var settings: String { "\(kind.rawValue) along axis \(axis)" }

  public var canFail: Bool { true }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(2...2, inputs, name)
    let (x, indices) = (inputs[0], inputs[1])
    guard x.shape.indices.contains(axis), indices.dataType == .int32 else {
      throw KerasError(
        .shapeMismatch,
        "gather along axis \(axis) takes a tensor and int32 indices, found \(x) and \(indices).")
    }
    switch kind {
    case .slices:
      let lengths = x.shape[..<axis] + Array(indices.shape) + x.shape[(axis + 1)...]
      return [TensorSpec(Shape(Array(lengths)), x.dataType)]
    case .elements:
      guard indices.shape.rank == x.shape.rank,
        x.shape.indices.allSatisfy({
          $0 == axis || x.shape[$0] == nil || indices.shape[$0] == nil || x.shape[$0] == indices.shape[$0]
        })
      else {
        throw KerasError(
          .shapeMismatch,
          "Indices of elements must fit the tensor but for axis \(axis), found \(x) and \(indices).")
      }
      return [TensorSpec(indices.shape, x.dataType)]
    }
  }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public func worksRowByRow(_ use: BatchUse) -> Bool {
    kind == .slices && axis == 0 && use.hasRows == [false, true]
  }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0], point.needed[0] else { return [nil, nil] }
    let length = point.graph.shape(of: point.input(0))[axis]
    return [
      try point.graph.scatterAdd(upstream, at: point.input(1), axis: axis, length: length, kind: kind), nil,
    ]
  }
}

extension GraphBuilder {
  /// Slices or elements of `x` along an axis (negative: counted from the back), chosen by `indices`, which
  /// become `int32`.
  ///
  /// - Throws: `shapeMismatch` where indices of elements do not fit `x`. An index outside is an error of the
  ///   run.
  public func gather(
    _ x: Value, at indices: Value, axis: Int = 0, kind: IndexingKind = .slices
  ) throws(KerasError) -> Value {
    let axis = try resolvedAxis(axis, rank: shape(of: x).rank)
    return try append(.gather(GatherOperation(axis: axis, kind: kind)), [x, cast(indices, to: .int32)])[0]
  }
}

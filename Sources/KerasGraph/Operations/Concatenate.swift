/// Tensors one after the other along one axis; the other lengths are equal.
public struct ConcatenateOperation: OperationRule {
  /// Counted from the front.
  public var axis: Int

  public init(axis: Int) { self.axis = axis }

  public var name: String { "concatenate" }
  public var settings: String { "axis \(axis)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(0...Int.max, inputs, name)
    guard var shape = inputs.first?.shape, shape.indices.contains(axis) else {
      throw KerasError(
        .invalidArgument, "concatenate needs at least one tensor with an axis \(axis), found \(list(inputs))."
      )
    }
    for input in inputs.dropFirst() {
      guard input.dataType == inputs[0].dataType else {
        throw KerasError(
          .shapeMismatch, "Tensors that are joined must be of one type, found \(list(inputs)).",
          remedy: "convert them to one type.")
      }
      guard input.shape.rank == shape.rank else { throw mismatch(inputs) }
      for other in shape.indices where other != axis {
        guard shape[other] == nil || input.shape[other] == nil || shape[other] == input.shape[other] else {
          throw mismatch(inputs)
        }
        shape[other] = shape[other] ?? input.shape[other]
      }
      shape[axis] = shape[axis].flatMap { total in input.shape[axis].map { total + $0 } }
    }
    return [TensorSpec(shape, inputs[0].dataType)]
  }

  private func list(_ inputs: [TensorSpec]) -> String {
    inputs.isEmpty ? "none" : inputs.map(\.description).joined(separator: ", ")
  }

  private func mismatch(_ inputs: [TensorSpec]) -> KerasError {
    KerasError(
      .shapeMismatch, "Tensors joined along axis \(axis) must agree in all other axes, found \(list(inputs)).",
      remedy: "reshape, crop or pad them, or join them along the axis in which they differ.")
  }

  public func reordered(by permutation: [Int]) -> Graph.Operation? {
    .concatenate(ConcatenateOperation(axis: permutation[axis]))
  }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool { inputs.count == 1 }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool { axis != 0 && use.allHaveRows }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return point.node.inputs.map { _ in nil } }
    var start = 0
    var results: [Value?] = []
    for (position, input) in point.node.inputs.enumerated() {
      let length = point.graph.shape(of: input)[axis] ?? 0
      results.append(
        try point.ifNeeded(position) { () throws(KerasError) in
          try point.graph.slice(upstream, axis: axis, from: start, count: length)
        })
      start += length
    }
    return results
  }
}

extension GraphBuilder {
  /// The values one after the other along an axis (negative: counted from the back); of the other axes
  /// lengths agree.
  ///
  /// - Throws: `shapeMismatch` where they do not, or element types differ; `invalidArgument` for no value or
  ///   no such axis.
  public func concatenate(_ values: [Value], axis: Int = -1) throws(KerasError) -> Value {
    guard let first = values.first else {
      throw KerasError(.invalidArgument, "concatenate needs at least one tensor.")
    }
    return try append(
      .concatenate(ConcatenateOperation(axis: try resolvedAxis(axis, rank: shape(of: first).rank))), values)[
        0]
  }
}

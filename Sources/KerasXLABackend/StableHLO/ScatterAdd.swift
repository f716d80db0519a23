import KerasGraph

extension ScatterAddOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let indices = node.graph.checked(node.inputs[1], below: node.output.lengths[axis], path: node.path)
    return [node.hlo.scatterAdd(node.inputs[0], at: indices, axis: axis, kind, to: node.output)]
  }
}

extension HLOWriter {
  /// Zeros to which slices or elements are added at indices that lie inside. In which order equal indices add up is
  /// the device's choice.
  func scatterAdd(
    _ updates: HLOValue, at indices: HLOValue, axis: Int, _ kind: IndexingKind, to result: HLOSpec
  ) -> HLOValue {
    let zeros = constant(0, result.type, result.lengths)
    guard updates.spec.elementCount > 0, result.elementCount > 0 else { return zeros }
    let indexing = HLOIndexing(kind: kind, axis: axis, wholeRank: result.rank, indexRank: indices.rank)
    let shared = indexing.sharedAxes
    let scalar = HLOSpec([], result.type)
    let text = region([scalar, scalar]) { [add($0[0], $0[1])] }
    return append(
      "\"stablehlo.scatter\"(\(zeros.name), \(indices.name), \(updates.name)) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = \(indexing.sliceAxes), inserted_window_dims = [\(axis)], input_batching_dims = \(shared), scatter_indices_batching_dims = \(shared), scatter_dims_to_operand_dims = [\(axis)], index_vector_dim = \(indices.rank)>, unique_indices = false}> (\(text)) : (\(zeros.spec), \(indices.spec), \(updates.spec)) -> \(result)",
      result)
  }
}

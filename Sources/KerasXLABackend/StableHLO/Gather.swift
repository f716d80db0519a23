import KerasGraph

extension GatherOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (hlo, x) = (node.hlo, node.inputs[0])
    let indices = node.graph.checked(node.inputs[1], below: x.lengths[axis], path: node.path)
    return [hlo.gather(x, at: indices, axis: axis, kind, to: node.output)]
  }
}

/// How gather and scatter address a tensor: which of its axes an index chooses from, and which lie side by side.
struct HLOIndexing {
  let kind: IndexingKind
  let axis: Int
  /// The rank of the whole tensor, and of the indices.
  let wholeRank, indexRank: Int

  /// Axes of the part that stand for those of whole slices.
  var sliceAxes: [Int] {
    kind == .elements
      ? [] : Array(0..<axis) + Array((axis..<max(axis, wholeRank - 1)).map { $0 + indexRank })
  }
  /// Axes along which every place has indices of its own.
  var sharedAxes: [Int] { kind == .elements ? (0..<wholeRank).filter { $0 != axis } : [] }
}

extension HLOWriter {
  /// Slices or elements of `x`, chosen by indices that lie inside; zeros, where there is nothing to choose from.
  func gather(_ x: HLOValue, at indices: HLOValue, axis: Int, _ kind: IndexingKind, to result: HLOSpec)
    -> HLOValue
  {
    guard x.spec.elementCount > 0, result.elementCount > 0 else {
      return constant(0, result.type, result.lengths)
    }
    let indexing = HLOIndexing(kind: kind, axis: axis, wholeRank: x.rank, indexRank: indices.rank)
    let shared = indexing.sharedAxes
    let sizes = x.lengths.indices.map { kind == .elements || $0 == axis ? 1 : x.lengths[$0] }
    return append(
      "\"stablehlo.gather\"(\(x.name), \(indices.name)) <{dimension_numbers = #stablehlo.gather<offset_dims = \(indexing.sliceAxes), collapsed_slice_dims = [\(axis)], operand_batching_dims = \(shared), start_indices_batching_dims = \(shared), start_index_map = [\(axis)], index_vector_dim = \(indices.rank)>, indices_are_sorted = false, slice_sizes = \(array(sizes))}> : (\(x.spec), \(indices.spec)) -> \(result)",
      result)
  }
}

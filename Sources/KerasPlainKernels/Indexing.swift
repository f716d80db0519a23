import KerasGraph

/// How gather and scatterAdd walk: a tensor `[outer, length, inner]` and indices of it, one list for all of
/// `outer`, or for elements one for each place of `[outer, inner]`.
struct Indexing: Sendable {
  let kind: IndexingKind
  let outer, length, inner: Int
  /// Indices along the axis.
  let count: Int

  /// - Parameters:
  ///   - whole: the lengths of the tensor that is indexed.
  ///   - indices: those of the indices.
  init(_ kind: IndexingKind, axis: Int, whole: [Int], indices: [Int]) {
    self.kind = kind
    outer = elementCountOf(Array(whole[..<axis]))
    length = whole[axis]
    inner = elementCountOf(Array(whole[(axis + 1)...]))
    count = kind == .slices ? elementCountOf(indices) : indices[axis]
  }

  /// Calls `body` with the offsets, in elements, of runs that belong together: in the whole and in the part, and
  /// their length.
  ///
  /// - Throws: `invalidArgument` for an index outside the axis, before the first call.
  @inline(__always)
  func forEachRun(
    _ indices: UnsafePointer<Int32>, _ body: (_ whole: Int, _ part: Int, _ count: Int) -> Void
  ) throws(KerasError) {
    let total = kind == .slices ? count : outer * count * inner
    for i in 0..<total where indices[i] < 0 || Int(indices[i]) >= length { throw outside(indices[i]) }
    switch kind {
    case .slices:
      for i in 0..<outer {
        for j in 0..<count { body((i * length + Int(indices[j])) * inner, (i * count + j) * inner, inner) }
      }
    case .elements:
      for i in 0..<outer {
        for j in 0..<count {
          let row = (i * count + j) * inner
          for k in 0..<inner { body((i * length + Int(indices[row + k])) * inner + k, row + k, 1) }
        }
      }
    }
  }

  private func outside(_ index: Int32) -> KerasError {
    KerasError(.invalidArgument, "The index \(index) is outside an axis of \(length) elements.")
  }
}

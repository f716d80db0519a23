import KerasGraph

/// A tensor seen as lines along one of its axes: `[outer, length, inner]`.
struct Lines: Sendable {
  let outer, length, inner: Int

  init(_ lengths: [Int], axis: Int) {
    outer = elementCountOf(Array(lengths[..<axis]))
    length = lengths[axis]
    inner = elementCountOf(Array(lengths[(axis + 1)...]))
  }

  var count: Int { outer * inner }

  /// Calls `body` with each line's number and the offset of its first element; its neighbours are `inner` apart.
  @inline(__always)
  func forEach(_ body: (_ line: Int, _ start: Int) -> Void) {
    for i in 0..<outer {
      for j in 0..<inner { body(i * inner + j, i * length * inner + j) }
    }
  }
}

/// Visits several tensors together, row by row, each with its own strides.
///
/// Axes of one element are dropped, and neighbouring axes that every tensor steps through evenly are merged,
/// so that rows are as long as they can be: two tensors of one shape are a single row.
struct StridedLoop: Sendable {
  /// Of the axes outside the row, outermost first.
  private var outerLengths: [Int] = []
  /// By axis, then by tensor.
  private var outerStrides: [[Int]] = []
  let rowLength: Int
  /// The distance of neighbours in a row, by tensor.
  let rowStrides: [Int]

  /// - Parameter strides: for each tensor, the distance in elements of neighbours along each axis; 0 repeats.
  init(_ lengths: [Int], strides: [[Int]]) {
    var merged: [(length: Int, strides: [Int])] = []
    for axis in lengths.indices where lengths[axis] != 1 {
      let step = strides.map { $0[axis] }
      if let last = merged.last, last.strides == step.map({ $0 * lengths[axis] }) {
        merged[merged.count - 1] = (last.length * lengths[axis], step)
      } else {
        merged.append((lengths[axis], step))
      }
    }
    let row = merged.popLast() ?? (1, strides.map { _ in 1 })
    rowLength = row.length
    rowStrides = row.strides
    outerLengths = merged.map(\.length)
    outerStrides = merged.map(\.strides)
  }

  /// Calls `body` with the offsets at which each tensor's row starts, rows in row-major order.
  func forEachRow(_ body: ([Int]) -> Void) {
    guard rowLength > 0, !outerLengths.contains(0) else { return }
    var offsets = rowStrides.map { _ in 0 }
    var position = outerLengths.map { _ in 0 }
    while true {
      body(offsets)
      var axis = outerLengths.count - 1
      while axis >= 0 {
        position[axis] += 1
        let isDone = position[axis] == outerLengths[axis]
        let steps = isDone ? 1 - outerLengths[axis] : 1
        for tensor in offsets.indices { offsets[tensor] += steps * outerStrides[axis][tensor] }
        if !isDone { break }
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

/// The distances, in elements, of neighbours along each axis of a row-major tensor.
package func rowMajorStrides(_ lengths: [Int]) -> [Int] {
  var strides = lengths
  var stride = 1
  for axis in lengths.indices.reversed() {
    strides[axis] = stride
    stride *= lengths[axis]
  }
  return strides
}

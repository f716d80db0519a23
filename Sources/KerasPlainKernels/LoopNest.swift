/// Nested loops over the elements of several strided tensors, with as few loops as possible.
package struct LoopNest: Sendable {
  package private(set) var lengths: [Int]
  /// One list for each tensor, in elements.
  package private(set) var strides: [[Int]]

  /// A loop for each axis; strides of further axes are left out.
  package init(asTheyAre lengths: [Int], strides: [[Int]]) {
    self.lengths = lengths
    self.strides = strides.map { Array($0.prefix(lengths.count)) }
  }

  /// Drops loops of one step, and joins neighbours that are one loop for every tensor. There is always one loop.
  ///
  /// - Parameter strides: for each tensor, the distance in elements of neighbours along each axis; 0 repeats.
  package init(joining lengths: [Int], strides: [[Int]]) {
    self.lengths = []
    self.strides = strides.map { _ in [] }
    for axis in lengths.indices where lengths[axis] != 1 {
      let joins =
        !self.lengths.isEmpty
        && strides.indices.allSatisfy { self.strides[$0].last == strides[$0][axis] * lengths[axis] }
      if joins {
        self.lengths[self.lengths.count - 1] *= lengths[axis]
        for tensor in strides.indices { self.strides[tensor][self.lengths.count - 1] = strides[tensor][axis] }
      } else {
        self.lengths.append(lengths[axis])
        for tensor in strides.indices { self.strides[tensor].append(strides[tensor][axis]) }
      }
    }
    if self.lengths.isEmpty {
      self.lengths = [1]
      self.strides = strides.map { _ in [1] }
    }
  }

  /// The length of the innermost loop.
  var rowLength: Int { lengths[lengths.count - 1] }

  /// The distance of neighbours in the innermost loop, by tensor.
  var rowStrides: [Int] { strides.map { $0[lengths.count - 1] } }

  /// Calls `body` with the offsets at which each tensor's row (the innermost loop) starts, rows in row-major order.
  func forEachRow(_ body: ([Int]) -> Void) {
    guard !lengths.contains(0) else { return }
    var offsets = strides.map { _ in 0 }
    var position = lengths.dropLast().map { _ in 0 }
    while true {
      body(offsets)
      var axis = position.count - 1
      while axis >= 0 {
        position[axis] += 1
        let isDone = position[axis] == lengths[axis]
        let steps = isDone ? 1 - lengths[axis] : 1
        for tensor in offsets.indices { offsets[tensor] += steps * strides[tensor][axis] }
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

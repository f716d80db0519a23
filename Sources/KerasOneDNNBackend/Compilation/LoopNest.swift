import KerasCore
import KerasKernels

/// Nested loops over the elements of several strided tensors, with as few loops as possible: kernels for
/// broadcasting and for moving elements are given one.
struct LoopNest {
  private(set) var lengths: [Int]
  /// One list for each tensor, in elements.
  private(set) var strides: [[Int]]

  /// A loop for each axis; strides of further axes are left out.
  init(asTheyAre lengths: [Int], strides: [[Int]]) {
    self.lengths = lengths
    self.strides = strides.map { Array($0.prefix(lengths.count)) }
  }

  /// Drops loops of one step, and joins neighbours that are one loop for every tensor.
  init(lengths: [Int], strides: [[Int]]) throws(KerasError) {
    self.lengths = []
    self.strides = strides.map { _ in [] }
    for axis in lengths.indices where lengths[axis] != 1 {
      let joins =
        !self.lengths.isEmpty
        && strides.indices.allSatisfy {
          self.strides[$0].last == strides[$0][axis] * lengths[axis]
        }
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
    guard self.lengths.count <= Int(KK_MAX_RANK) else {
      throw KerasError(
        .unsupported, "The onednn backend moves tensors of at most \(KK_MAX_RANK) axes, found \(lengths).")
    }
  }

  /// Copies `numbers` into a C array of sizes.
  static func fill<Tuple>(_ array: inout Tuple, with numbers: [Int]) {
    withUnsafeMutableBytes(of: &array) { bytes in
      let target = bytes.bindMemory(to: Int.self)
      for (index, number) in numbers.prefix(target.count).enumerated() { target[index] = number }
    }
  }
}

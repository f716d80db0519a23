import KerasCore
import KerasKernels
import KerasPlainKernels

extension LoopNest {
  /// Loops for a C kernel, joined where they can be.
  ///
  /// - Throws: `unsupported` for more loops than the kernels walk.
  init(lengths: [Int], strides: [[Int]]) throws(KerasError) {
    self.init(joining: lengths, strides: strides)
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

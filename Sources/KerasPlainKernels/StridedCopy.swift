import KerasGraph

/// Copies a block of elements of any type from one arrangement in memory to another.
///
/// Transposing, slicing, joining and padding are such copies and differ only in the strides.
struct StridedCopy: Sendable {
  private let loop: LoopNest
  private let sourceStart: Int
  private let targetStart: Int
  private let elementByteCount: Int

  /// - Parameters:
  ///   - lengths: of the block.
  ///   - source: strides by axis, and the offset of the block's first element.
  ///   - target: the same where the block goes.
  init(
    _ lengths: [Int], from source: (strides: [Int], start: Int), to target: (strides: [Int], start: Int),
    _ dataType: DataType
  ) {
    loop = LoopNest(joining: lengths, strides: [source.strides, target.strides])
    sourceStart = source.start
    targetStart = target.start
    elementByteCount = dataType.byteCount
  }

  func run(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
    switch elementByteCount {
    case 1: copy(source.assumingMemoryBound(to: UInt8.self), target.assumingMemoryBound(to: UInt8.self))
    case 2: copy(source.assumingMemoryBound(to: UInt16.self), target.assumingMemoryBound(to: UInt16.self))
    case 4: copy(source.assumingMemoryBound(to: UInt32.self), target.assumingMemoryBound(to: UInt32.self))
    case 8: copy(source.assumingMemoryBound(to: UInt64.self), target.assumingMemoryBound(to: UInt64.self))
    default: preconditionFailure("elements of \(elementByteCount) bytes")
    }
  }

  private func copy<Bits>(_ source: UnsafePointer<Bits>, _ target: UnsafeMutablePointer<Bits>) {
    let count = loop.rowLength
    let (sourceStride, targetStride) = (loop.rowStrides[0], loop.rowStrides[1])
    loop.forEachRow { offsets in
      let from = source + sourceStart + offsets[0]
      let to = target + targetStart + offsets[1]
      if sourceStride == 1, targetStride == 1 {
        to.update(from: from, count: count)
      } else {
        for i in 0..<count { to[i * targetStride] = from[i * sourceStride] }
      }
    }
  }
}

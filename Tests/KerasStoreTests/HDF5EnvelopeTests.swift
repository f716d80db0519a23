import Foundation
import Testing

@testable import KerasStore

@Suite struct HDF5EnvelopeTests {
  private func judge(_ bytes: [UInt8]) -> HDF5Envelope {
    HDF5Envelope.judge(byteCount: bytes.count) { offset, count in
      Array(bytes.dropFirst(offset).prefix(count))
    }
  }

  /// A superblock of the given version whose addresses are `width` bytes wide.
  private func file(version: UInt8, width: Int, byteCount: Int, userBlock: Int = 0) -> [UInt8] {
    var head: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, version]
    switch version {
    case 0: head += [0, 0, 0, 0, UInt8(width), 8, 0] + [UInt8](repeating: 0, count: 8)
    case 1: head += [0, 0, 0, 0, UInt8(width), 8, 0] + [UInt8](repeating: 0, count: 12)
    default: head += [UInt8(width), 8, 0]
    }
    head += [UInt8](repeating: 0, count: 2 * width)
    head += (0..<width).map { UInt8(truncatingIfNeeded: byteCount >> (8 * $0)) }
    let padding = [UInt8](repeating: 0, count: max(0, byteCount - userBlock - head.count))
    return [UInt8](repeating: 7, count: userBlock) + head + padding
  }

  @Test(arguments: [0, 1, 2, 3] as [UInt8], [0, 512, 1024, 2048])
  func wholeFilesOfEveryVersion(version: UInt8, userBlock: Int) {
    for width in [4, 8] {
      let whole = file(version: version, width: width, byteCount: 5000, userBlock: userBlock)
      #expect(judge(whole) == .whole)
      #expect(judge(Array(whole.dropLast())) == .wrongSize(expected: 5000, found: 4999))
      #expect(judge(whole + [0]) == .wrongSize(expected: 5000, found: 5001))
    }
  }

  @Test func otherFiles() {
    #expect(judge([]) == .empty)
    #expect(judge([1]) == .otherFormat)
    #expect(judge(Array("\n <!doctype HTML>".utf8)) == .webPage)
    #expect(judge(Array(file(version: 0, width: 8, byteCount: 500).prefix(20))) == .otherFormat)
    #expect(judge(file(version: 9, width: 8, byteCount: 500)) == .otherFormat)
    #expect(judge(file(version: 2, width: 3, byteCount: 500)) == .otherFormat)
  }

  @Test(.enabled(if: SharedFolder.path != nil, "the shared folder with real weights is not here"))
  func realWeights() throws {
    let path = try #require(SharedFolder.file("weights/mobilenet_2_5_224_tf.h5"))
    let file = open(path, O_RDONLY)
    defer { close(file) }
    #expect(HDF5Envelope(descriptor: file) == .whole)
    #expect(damage(insideHDF5: file, named: path) == nil)
  }
}

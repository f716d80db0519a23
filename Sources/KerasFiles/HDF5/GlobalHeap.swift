import KerasCore

/// A collection of the texts of variable-length strings, section III.E.
struct GlobalHeap: Sendable {
  private struct Object {
    var address: UInt64
    var byteCount: UInt64
  }

  private var objects: [Int: Object] = [:]

  init(at address: UInt64, in source: HDF5Source) throws(KerasError) {
    var head = try source.cursor(at: address, 16, "string heap")
    try head.expect(signature: "GCOL")
    try head.skip(4)
    let byteCount = try head.unsigned(8)
    guard byteCount >= 16 else { throw head.damaged("is too small") }
    var cursor = try source.cursor(at: address, byteCount, "string heap")
    try cursor.skip(16)
    while cursor.remaining >= 16 {
      try source.spend(1)
      let index = try cursor.int(2)
      // Object 0 is the free space at the end.
      if index == 0 { break }
      try cursor.skip(6)
      let size = try cursor.unsigned(8)
      guard size <= UInt64(cursor.remaining) else { throw cursor.damaged("has a text longer than itself") }
      objects[index] = Object(address: cursor.position, byteCount: size)
      try cursor.skip(min((Int(size) + 7) & ~7, cursor.remaining))
    }
  }

  /// The first `byteCount` bytes of object `index`.
  func bytes(
    _ index: Int, byteCount: Int, in source: HDF5Source
  ) throws(KerasError) -> UnsafeRawBufferPointer {
    guard let object = objects[index], byteCount <= object.byteCount else {
      throw .damaged("a text is missing from the string heap")
    }
    return try source.bytes(at: object.address, UInt64(byteCount), "text")
  }
}

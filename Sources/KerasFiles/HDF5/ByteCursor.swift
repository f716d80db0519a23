import KerasCore

/// Reads the little-endian fields of one structure of a file, and never past the structure's end.
struct ByteCursor {
  private let bytes: UnsafeRawBufferPointer
  /// Where the structure starts in the file.
  private let start: UInt64
  private let structure: StaticString
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer, at address: UInt64, _ structure: StaticString) {
    self.bytes = bytes
    start = address
    self.structure = structure
  }

  var remaining: Int { bytes.count - offset }
  /// Where the next field stands in the file.
  var position: UInt64 { start + UInt64(offset) }

  /// An unsigned integer of 1 to 8 bytes.
  mutating func unsigned(_ byteCount: Int) throws(KerasError) -> UInt64 {
    var value: UInt64 = 0
    for (i, byte) in try take(byteCount).enumerated() { value |= UInt64(byte) << UInt64(8 * i) }
    return value
  }

  /// An unsigned integer of 1 to 4 bytes.
  mutating func int(_ byteCount: Int) throws(KerasError) -> Int { Int(try unsigned(byteCount)) }

  /// An 8-byte address; nil for HDF5's "nowhere", all ones.
  mutating func address() throws(KerasError) -> UInt64? {
    let value = try unsigned(8)
    return value == .max ? nil : value
  }

  mutating func take(_ byteCount: Int) throws(KerasError) -> UnsafeRawBufferPointer {
    guard byteCount >= 0, byteCount <= remaining else { throw damaged("ends too early") }
    defer { offset += byteCount }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + byteCount)])
  }

  mutating func skip(_ byteCount: Int) throws(KerasError) { _ = try take(byteCount) }

  /// Skips to the next multiple of 8 bytes from the structure's start.
  mutating func align() throws(KerasError) { try skip(-offset & 7) }

  /// A cursor over the next `byteCount` bytes, which this one passes.
  mutating func nested(_ byteCount: Int, _ structure: StaticString) throws(KerasError) -> ByteCursor {
    let position = position
    return ByteCursor(try take(byteCount), at: position, structure)
  }

  mutating func expect(signature: StaticString) throws(KerasError) {
    let expected = UnsafeRawBufferPointer(start: signature.utf8Start, count: signature.utf8CodeUnitCount)
    guard try take(expected.count).elementsEqual(expected) else {
      throw damaged("does not start with \(signature)")
    }
  }

  mutating func expect(version: ClosedRange<Int>) throws(KerasError) -> Int {
    let found = try int(1)
    guard version.contains(found) else { throw damaged("has the unknown version \(found)") }
    return found
  }

  /// Bytes up to the first zero byte or the end, as text.
  mutating func text(_ byteCount: Int) throws(KerasError) -> String {
    String(decoding: try take(byteCount).prefix { $0 != 0 }, as: UTF8.self)
  }

  func damaged(_ complaint: String) -> KerasError {
    .damaged("the \(structure) at byte \(start) \(complaint)")
  }
}

extension KerasError {
  /// A file that breaks the rules of its own format.
  static func damaged(_ complaint: String) -> KerasError {
    KerasError(
      .invalidFile, "The file is damaged: \(complaint).", remedy: "download or copy the file again.")
  }

  /// Something HDF5 has and this reader leaves alone.
  static func unsupportedHDF5(_ what: String) -> KerasError {
    KerasError(
      .unsupported, "\(what).",
      remedy: "load the file in Python and save it again with Keras or h5py's defaults.")
  }
}

import KerasCore

/// A small named value beside a group or dataset.
package struct HDF5Attribute: Hashable, Sendable {
  package enum Value: Hashable, Sendable {
    case strings([String])
    case integers([Int64])
    case reals([Double])
    /// A type that Keras does not store, by name.
    case other(String)
  }

  package let name: String
  /// Empty for a scalar.
  package let shape: [Int]
  package let type: HDF5Datatype
  /// All elements in row-major order.
  package let value: Value

  /// The text of a scalar string.
  package var string: String? {
    guard case .strings(let strings) = value, shape.isEmpty else { return nil }
    return strings.first
  }

  /// The elements of an array of strings; an empty array of any type counts, because h5py writes an empty
  /// list of names as floats.
  package var strings: [String]? {
    if case .strings(let strings) = value { return strings }
    return elementCountOf(shape) == 0 ? [] : nil
  }
}

extension HDF5Attribute {
  /// The front of an attribute message, section IV.A.2.m.
  struct Head {
    let version: Int
    let name: String
    let typeBytes: Int
    let spaceBytes: Int

    init(from cursor: inout ByteCursor) throws(KerasError) {
      version = try cursor.expect(version: 1...3)
      let flags = try cursor.int(1)
      let nameBytes = try cursor.int(2)
      (typeBytes, spaceBytes) = (try cursor.int(2), try cursor.int(2))
      if version == 3 { try cursor.skip(1) }
      name = try cursor.text(nameBytes)
      if version == 1 { try cursor.align() }
      guard version == 1 || flags & 3 == 0 else {
        throw .unsupportedHDF5("The file shares one type between attributes (a named type)")
      }
    }
  }

  init(_ entry: AttributeTable.Entry, in source: HDF5Source) throws(KerasError) {
    var cursor = try source.cursor(at: entry.address, UInt64(entry.byteCount), "attribute")
    let head = try Head(from: &cursor)
    let version = head.version
    name = head.name
    var typeCursor = try cursor.nested(head.typeBytes, "attribute's type")
    type = try HDF5Datatype(from: &typeCursor)
    if version == 1 { try cursor.align() }
    var spaceCursor = try cursor.nested(head.spaceBytes, "attribute's shape")
    let space = try HDF5Dataspace(from: &spaceCursor)
    if version == 1 { try cursor.align() }
    shape = space.shape
    let (byteCount, overflow) = space.elementCount.multipliedReportingOverflow(by: type.byteCount)
    guard !overflow else { throw cursor.damaged("is larger than the file") }
    value = try Self.value(
      of: ByteCursor(try cursor.take(byteCount), at: cursor.position, "attribute"), type,
      count: space.elementCount, in: source)
  }

  private static func value(
    of cursor: ByteCursor, _ type: HDF5Datatype, count: Int, in source: HDF5Source
  ) throws(KerasError) -> Value {
    var cursor = cursor
    switch type {
    case .number(let number, let bigEndian):
      let bytes = try cursor.take(cursor.remaining)
      guard let tensor = numbers(bytes, number, bigEndian: bigEndian, shape: [count]) else {
        return .other(number.rawValue)
      }
      return tensor.dataType.isFloatingPoint ? .reals(tensor.scalars()) : .integers(tensor.scalars())
    case .fixedString(let byteCount, let padding):
      var strings: [String] = []
      for _ in 0..<count { strings.append(text(try cursor.take(byteCount), padding)) }
      return .strings(strings)
    case .variableString:
      return .strings(try variableStrings(&cursor, count: count, in: source))
    case .other(let name, _):
      return .other(name)
    }
  }

  private static func text(_ bytes: UnsafeRawBufferPointer, _ padding: HDF5Datatype.Padding) -> String {
    var end = bytes.endIndex
    switch padding {
    case .zeroTerminated: end = bytes.firstIndex(of: 0) ?? end
    case .zeros: while end > 0, bytes[end - 1] == 0 { end -= 1 }
    case .spaces: while end > 0, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  /// Each element is a length and a place in a global heap.
  private static func variableStrings(
    _ cursor: inout ByteCursor, count: Int, in source: HDF5Source
  ) throws(KerasError) -> [String] {
    var strings: [String] = []
    // Texts do not overlap in a genuine file, so together they are shorter than it.
    var unread = source.file.bytes.count
    for _ in 0..<count {
      let byteCount = try cursor.int(4)
      let heap = try cursor.unsigned(8)
      let index = try cursor.int(4)
      unread -= byteCount
      guard unread >= 0 else { throw cursor.damaged("has texts larger than the file") }
      let isEmpty = byteCount == 0 || heap == 0 || heap == .max
      let bytes = isEmpty ? nil : try source.heap(at: heap).bytes(index, byteCount: byteCount, in: source)
      // Some writers count a final zero byte.
      strings.append(bytes.map { text($0, .zeros) } ?? "")
    }
    return strings
  }
}

import CZlib
import KerasCore

/// What was done to every block of an array before it was stored, section IV.A.2.l; undone when it is read.
struct FilterPipeline: Sendable {
  enum Filter: Int, Sendable {
    /// gzip's compression.
    case deflate = 1
    /// The first bytes of all elements, then the second bytes, and so on.
    case shuffle = 2
    /// A checksum at the end.
    case fletcher32 = 3
  }

  /// In the order they were applied.
  private var filters: [Filter] = []
  /// The first filter that is not known here: the array has a shape and a type, but cannot be read.
  private(set) var unknown: String?

  var isEmpty: Bool { filters.isEmpty }

  /// No filters.
  init() {}

  init(from cursor: inout ByteCursor) throws(KerasError) {
    let version = try cursor.expect(version: 1...2)
    let count = try cursor.int(1)
    guard count <= 32 else { throw cursor.damaged("has \(count) filters") }
    if version == 1 { try cursor.skip(6) }
    for _ in 0..<count {
      let identifier = try cursor.int(2)
      let nameBytes = version == 1 || identifier >= 256 ? try cursor.int(2) : 0
      try cursor.skip(2)
      let parameters = try cursor.int(2)
      let name = try cursor.text(version == 1 ? (nameBytes + 7) & ~7 : nameBytes)
      try cursor.skip(4 * parameters)
      if version == 1, parameters % 2 == 1 { try cursor.skip(4) }
      if let filter = Filter(rawValue: identifier) {
        filters.append(filter)
      } else if unknown == nil {
        unknown = "\(identifier)" + (name.isEmpty ? "" : " (\(name.escaped))")
      }
    }
  }

  /// The plain bytes of a stored block.
  ///
  /// - Parameter skipping: a bit for every filter that was left out for this block.
  func undo(
    _ stored: UnsafeRawBufferPointer, skipping: Int, plainBytes: Int, elementBytes: Int
  ) throws(KerasError) -> [UInt8] {
    var bytes = [UInt8](stored)
    for (position, filter) in filters.enumerated().reversed() where skipping >> position & 1 == 0 {
      switch filter {
      case .deflate: bytes = try Self.inflate(bytes, limit: plainBytes + 4 * filters.count)
      case .shuffle: bytes = Self.unshuffle(bytes, elementBytes: elementBytes)
      case .fletcher32: bytes = try Self.verified(bytes)
      }
    }
    guard bytes.count == plainBytes else {
      throw .damaged("a block of an array has another size than stated")
    }
    return bytes
  }

  private static func inflate(_ bytes: [UInt8], limit: Int) throws(KerasError) -> [UInt8] {
    var byteCount = uLongf(limit)
    var status = Z_OK
    let plain = [UInt8](unsafeUninitializedCapacity: limit) { output, count in
      status = uncompress(output.baseAddress, &byteCount, bytes, uLong(bytes.count))
      count = status == Z_OK ? Int(byteCount) : 0
    }
    guard status == Z_OK else { throw .damaged("a compressed block of an array cannot be unpacked") }
    return plain
  }

  private static func unshuffle(_ bytes: [UInt8], elementBytes: Int) -> [UInt8] {
    let count = bytes.count / elementBytes
    guard elementBytes > 1, count > 1 else { return bytes }
    // Bytes that do not make a whole element stay at the end.
    var plain = bytes
    for byte in 0..<elementBytes {
      for i in 0..<count { plain[i * elementBytes + byte] = bytes[byte * count + i] }
    }
    return plain
  }

  /// The bytes before the checksum, when it is theirs.
  private static func verified(_ bytes: [UInt8]) throws(KerasError) -> [UInt8] {
    guard bytes.count >= 4 else { throw .damaged("a block of an array has no checksum") }
    let data = Array(bytes.dropLast(4))
    let stored = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard stored == fletcher32(data) else {
      throw .damaged("the checksum of a block of an array is not that of its bytes")
    }
    return data
  }

  /// Fletcher's checksum over big-endian 16-bit words, the last one filled up with a zero.
  private static func fletcher32(_ data: [UInt8]) -> UInt32 {
    var (low, high) = (UInt32(0), UInt32(0))
    for i in stride(from: 0, to: data.count, by: 2) {
      let word = UInt32(data[i]) << 8 | (i + 1 < data.count ? UInt32(data[i + 1]) : 0)
      low = (low + word) % 65_535
      high = (high + low) % 65_535
    }
    return high << 16 | low
  }
}

import KerasCore

/// The messages that describe a group or a dataset.
///
/// "HDF5 File Format Specification Version 3.0", section IV.A. Version 1 is what every Keras writes, version 2
/// comes from h5py's `libver="latest"`.
struct ObjectHeader: Sendable {
  struct Message: Sendable {
    /// Whether the body only points to a message stored elsewhere in the file.
    var isShared: Bool
    /// Where the body lies in the file, in bytes.
    var address: UInt64
    var byteCount: Int
  }

  enum Kind: Int, Sendable {
    case dataspace = 0x01
    case linkInfo = 0x02
    case datatype = 0x03
    case fillValue = 0x05
    case link = 0x06
    case externalFiles = 0x07
    case layout = 0x08
    case filters = 0x0B
    case attribute = 0x0C
    case continuation = 0x10
    case symbolTable = 0x11
    case attributeInfo = 0x15
  }

  let address: UInt64
  /// The first message of every kind.
  private var messages: [Kind: Message] = [:]
  /// The kinds that may come many times.
  private(set) var attributes: [Message] = []
  private(set) var links: [Message] = []

  subscript(kind: Kind) -> Message? { messages[kind] }

  init(at address: UInt64, in source: HDF5Source) throws(KerasError) {
    self.address = address
    var start = try source.cursor(at: address, 4, "object header")
    let isVersion2 = try start.take(4).elementsEqual("OHDR".utf8)
    var blocks: [ByteCursor]
    let trailer: Int
    var orderBytes = 0
    if isVersion2 {
      (blocks, orderBytes) = try Self.firstBlockOfVersion2(at: address, in: source)
      trailer = 4
    } else {
      var prefix = try source.cursor(at: address, 16, "object header")
      _ = try prefix.expect(version: 1...1)
      try prefix.skip(7)
      let byteCount = try prefix.unsigned(4)
      blocks = [try source.cursor(at: address + 16, byteCount, "object header")]
      trailer = 0
    }

    var seen: Set<UInt64> = []
    while var block = blocks.popLast() {
      guard seen.insert(block.position).inserted else { throw block.damaged("continues itself") }
      if isVersion2, seen.count > 1 { try block.expect(signature: "OCHK") }
      let messageHeader = isVersion2 ? 4 + orderBytes : 8
      while block.remaining - trailer >= messageHeader {
        try source.spend(1)
        let kind = try block.int(isVersion2 ? 1 : 2)
        let byteCount = try block.int(2)
        let flags = try block.int(1)
        try block.skip(isVersion2 ? orderBytes : 3)
        let body = block.position
        var cursor = try block.nested(byteCount, "header message")
        guard let kind = Kind(rawValue: kind) else { continue }
        if kind == .continuation {
          let next = try cursor.unsigned(8)
          blocks.append(try source.cursor(at: next, try cursor.unsigned(8), "object header continuation"))
        } else {
          add(Message(isShared: flags & 2 != 0, address: body, byteCount: byteCount), kind)
        }
      }
    }
  }

  private static func firstBlockOfVersion2(
    at address: UInt64, in source: HDF5Source
  ) throws(KerasError) -> ([ByteCursor], orderBytes: Int) {
    let available = min(UInt64(source.file.bytes.count) - address, 34)
    var prefix = try source.cursor(at: address, available, "object header")
    try prefix.expect(signature: "OHDR")
    _ = try prefix.expect(version: 2...2)
    let flags = try prefix.int(1)
    if flags & 0x20 != 0 { try prefix.skip(16) }
    if flags & 0x10 != 0 { try prefix.skip(4) }
    let byteCount = try prefix.unsigned(1 << (flags & 3))
    guard byteCount < UInt64(source.file.bytes.count) else { throw prefix.damaged("is larger than the file") }
    // The checksum follows the messages.
    let block = try source.cursor(at: prefix.position, byteCount + 4, "object header")
    return ([block], flags & 4 != 0 ? 2 : 0)
  }

  private mutating func add(_ message: Message, _ kind: Kind) {
    switch kind {
    case .attribute: attributes.append(message)
    case .link: links.append(message)
    default: messages[kind] = messages[kind] ?? message
    }
  }

  func cursor(
    _ message: Message, _ structure: StaticString, in source: HDF5Source
  ) throws(KerasError) -> ByteCursor {
    guard !message.isShared else {
      throw .unsupportedHDF5("The file shares one \(structure) between objects (a named type)")
    }
    return try source.cursor(at: message.address, UInt64(message.byteCount), structure)
  }
}

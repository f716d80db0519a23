import KerasCore

/// What a group contains: names, and where the named objects lie.
struct LinkTable: Sendable {
  enum Link: Sendable, Hashable {
    case hard(UInt64)
    /// A path in this file.
    case soft(String)
    /// A path in another file, or something an application defined; never followed.
    case foreign
  }

  /// In stored order.
  private(set) var names: [String] = []
  private var links: [String: Link] = [:]

  subscript(name: String) -> Link? { links[name] }

  init(of header: ObjectHeader, in source: HDF5Source) throws(KerasError) {
    if let message = header[.symbolTable] {
      var cursor = try header.cursor(message, "symbol table", in: source)
      let tree = try cursor.unsigned(8)
      let heap = try LocalHeap(at: try cursor.unsigned(8), in: source)
      var reader = SymbolTableReader(source: source, heap: heap)
      try reader.readNode(at: tree, level: nil)
      for (name, link) in reader.entries { try add(link, named: name) }
    } else if let message = header[.linkInfo] {
      for message in header.links {
        var cursor = try header.cursor(message, "link", in: source)
        try addLink(from: &cursor, in: source)
      }
      var cursor = try header.cursor(message, "link info", in: source)
      try cursor.skip(1)
      let flags = try cursor.int(1)
      if flags & 1 != 0 { try cursor.skip(8) }
      guard let heapAddress = try cursor.address() else { return }
      let heap = try FractalHeap(at: heapAddress, in: source)
      guard let index = try cursor.address() else { return }
      // Records of the name index: the name's hash, then where the link lies in the heap.
      try RecordTree(at: index, kind: 5, in: source).forEach { record throws(KerasError) in
        try record.skip(4)
        var link = try heap.object(record.take(7))
        try addLink(from: &link, in: source)
      }
    }
  }

  private mutating func add(_ link: Link, named name: String) throws(KerasError) {
    guard !name.isEmpty, links.updateValue(link, forKey: name) == nil else {
      throw .damaged(name.isEmpty ? "a name in a group is empty" : "\(name.escaped) stands twice in a group")
    }
    names.append(name)
  }

  /// Reads a link message, section IV.A.2.g.
  private mutating func addLink(from cursor: inout ByteCursor, in source: HDF5Source) throws(KerasError) {
    _ = try cursor.expect(version: 1...1)
    let flags = try cursor.int(1)
    let type = flags & 8 != 0 ? try cursor.int(1) : 0
    if flags & 4 != 0 { try cursor.skip(8) }
    if flags & 16 != 0 { try cursor.skip(1) }
    let length = try cursor.unsigned(1 << (flags & 3))
    guard length <= 65_535 else { throw cursor.damaged("has a name of \(length) bytes") }
    try source.spend(forName: Int(length))
    let name = try cursor.text(Int(length))
    switch type {
    case 0: try add(.hard(try cursor.unsigned(8)), named: name)
    case 1:
      let length = try cursor.int(2)
      try add(.soft(try cursor.text(length)), named: name)
    default: try add(.foreign, named: name)
    }
  }
}

/// The names of a classic group, one after the other.
private struct LocalHeap {
  private let source: HDF5Source
  private let bytes: UnsafeRawBufferPointer

  init(at address: UInt64, in source: HDF5Source) throws(KerasError) {
    var cursor = try source.cursor(at: address, 32, "local heap")
    try cursor.expect(signature: "HEAP")
    try cursor.skip(4)
    let byteCount = try cursor.unsigned(8)
    try cursor.skip(8)
    bytes = try source.bytes(at: try cursor.unsigned(8), byteCount, "local heap's data")
    self.source = source
  }

  func text(at offset: UInt64) throws(KerasError) -> String {
    guard offset < bytes.count else { throw .damaged("a name lies outside its heap") }
    let text = bytes[Int(offset)...].prefix { $0 != 0 }
    try source.spend(forName: text.count)
    return String(decoding: text, as: UTF8.self)
  }
}

/// Walks the B-tree of a classic group, sections III.A.1 and III.B.
private struct SymbolTableReader {
  let source: HDF5Source
  let heap: LocalHeap
  var entries: [(String, LinkTable.Link)] = []
  private var seen: Set<UInt64> = []

  init(source: HDF5Source, heap: LocalHeap) {
    self.source = source
    self.heap = heap
  }

  /// Reads the node at `address`, which must stand on `level`; the root says its level itself.
  mutating func readNode(at address: UInt64, level: Int?) throws(KerasError) {
    guard seen.insert(address).inserted else { throw .damaged("a group's tree refers to itself") }
    var node = try source.cursor(at: address, 24, "group's tree node")
    try node.expect(signature: "TREE")
    let (kind, found) = (try node.int(1), try node.int(1))
    guard kind == 0, level == nil || level == found else { throw node.damaged("is of another kind") }
    let count = try node.int(2)
    var children = try source.cursor(at: address + 24, UInt64(count) * 16 + 8, "group's tree node")
    for _ in 0..<count {
      try children.skip(8)
      let child = try children.unsigned(8)
      if found > 0 {
        try readNode(at: child, level: found - 1)
      } else {
        try readSymbols(at: child)
      }
    }
  }

  private mutating func readSymbols(at address: UInt64) throws(KerasError) {
    guard seen.insert(address).inserted else { throw .damaged("a group's tree refers to itself") }
    var head = try source.cursor(at: address, 8, "symbol node")
    try head.expect(signature: "SNOD")
    try head.skip(2)
    let count = try head.int(2)
    var symbols = try source.cursor(at: address + 8, UInt64(count) * 40, "symbol node")
    for _ in 0..<count {
      let name = try heap.text(at: try symbols.unsigned(8))
      let object = try symbols.unsigned(8)
      let kind = try symbols.int(4)
      try symbols.skip(4)
      var scratch = try symbols.nested(16, "symbol node")
      if kind == 2 {
        entries.append((name, .soft(try heap.text(at: UInt64(try scratch.int(4))))))
      } else {
        entries.append((name, .hard(object)))
      }
    }
  }
}

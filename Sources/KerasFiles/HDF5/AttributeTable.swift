import KerasCore

/// Where an object's attributes are, by name.
struct AttributeTable: Sendable {
  struct Entry: Sendable {
    /// Where the attribute's message lies in the file, in bytes.
    var address: UInt64
    var byteCount: Int
  }

  /// In stored order.
  private(set) var entries: [Entry] = []
  private var positions: [String: Int] = [:]

  subscript(name: String) -> Entry? { positions[name].map { entries[$0] } }

  init(of header: ObjectHeader, in source: HDF5Source) throws(KerasError) {
    for message in header.attributes {
      try add(try header.cursor(message, "attribute", in: source), in: source)
    }
    guard let message = header[.attributeInfo] else { return }
    var cursor = try header.cursor(message, "attribute info", in: source)
    try cursor.skip(1)
    if try cursor.int(1) & 1 != 0 { try cursor.skip(2) }
    guard let heapAddress = try cursor.address(), let index = try cursor.address() else { return }
    let heap = try FractalHeap(at: heapAddress, in: source)
    // Records of the name index: where the attribute lies in the heap, flags, order, the name's hash.
    try RecordTree(at: index, kind: 8, in: source).forEach { record throws(KerasError) in
      try add(try heap.object(record.take(8)), in: source)
    }
  }

  private mutating func add(_ cursor: ByteCursor, in source: HDF5Source) throws(KerasError) {
    var name = cursor
    let head = try HDF5Attribute.Head(from: &name)
    try source.spend(forName: head.name.utf8.count)
    positions[head.name] = entries.count
    entries.append(Entry(address: cursor.position, byteCount: cursor.remaining))
  }
}

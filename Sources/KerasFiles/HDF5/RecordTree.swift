import KerasCore

/// A version 2 B-tree, section III.A.2: the index of links, attributes and large heap objects.
struct RecordTree {
  private let source: HDF5Source
  private let nodeSize: UInt64
  private let recordSize: Int
  private let depth: Int
  private let rootAddress: UInt64?
  private let rootCount: Int

  init(at address: UInt64, kind: Int, in source: HDF5Source) throws(KerasError) {
    self.source = source
    var cursor = try source.cursor(at: address, 34, "record tree")
    try cursor.expect(signature: "BTHD")
    _ = try cursor.expect(version: 0...0)
    guard try cursor.int(1) == kind else { throw cursor.damaged("is of another kind") }
    nodeSize = try cursor.unsigned(4)
    recordSize = try cursor.int(2)
    depth = try cursor.int(2)
    try cursor.skip(2)
    rootAddress = try cursor.address()
    rootCount = try cursor.int(2)
    guard recordSize > 0, nodeSize >= 64, nodeSize <= 1 << 20, depth < 16 else {
      throw cursor.damaged("has an impossible shape")
    }
  }

  /// Calls `body` with every record, in order.
  func forEach(_ body: (inout ByteCursor) throws(KerasError) -> Void) throws(KerasError) {
    guard let rootAddress else { return }
    var seen: Set<UInt64> = []
    try visit(rootAddress, count: rootCount, level: depth, pointers: pointerSizes(), &seen, body)
  }

  private func visit(
    _ address: UInt64, count: Int, level: Int, pointers: [(count: Int, total: Int)],
    _ seen: inout Set<UInt64>, _ body: (inout ByteCursor) throws(KerasError) -> Void
  ) throws(KerasError) {
    guard seen.insert(address).inserted else { throw .damaged("a record tree refers to itself") }
    var node = try source.cursor(at: address, nodeSize, "record tree node")
    try node.expect(signature: level == 0 ? "BTLF" : "BTIN")
    try node.skip(2)
    var records = try node.nested(count * recordSize, "record tree node")
    if level > 0 {
      for position in 0...count {
        let child = try node.unsigned(8)
        let childCount = try node.int(pointers[level].count)
        try node.skip(pointers[level].total)
        try visit(child, count: childCount, level: level - 1, pointers: pointers, &seen, body)
        if position < count { try callBody(body, &records) }
      }
    } else {
      for _ in 0..<count { try callBody(body, &records) }
    }
  }

  private func callBody(
    _ body: (inout ByteCursor) throws(KerasError) -> Void, _ records: inout ByteCursor
  ) throws(KerasError) {
    var record = try records.nested(recordSize, "record")
    try body(&record)
  }

  /// For every level, the widths in bytes of the two counts beside a pointer to a child.
  private func pointerSizes() throws(KerasError) -> [(count: Int, total: Int)] {
    func width(_ limit: Int) -> Int { (Int.bitWidth - 1 - max(limit, 1).leadingZeroBitCount) / 8 + 1 }
    let usable = Int(nodeSize) - 10
    let leafLimit = usable / recordSize
    let countWidth = width(leafLimit)
    guard countWidth <= 4 else { throw .damaged("a record tree has an impossible shape") }
    var sizes = [(count: 0, total: 0)]
    var (totalLimit, totalWidth) = (leafLimit, 0)
    for _ in 0..<depth {
      sizes.append((countWidth, totalWidth))
      let pointer = 8 + countWidth + totalWidth
      let limit = max(0, (usable - pointer) / (recordSize + pointer))
      let (grown, overflow) = (limit + 1).multipliedReportingOverflow(by: totalLimit)
      guard !overflow, grown < Int.max - limit else { throw .damaged("a record tree is too deep") }
      totalLimit = grown + limit
      totalWidth = width(totalLimit)
    }
    return sizes
  }
}

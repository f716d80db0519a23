import KerasCore

/// Where large groups of the newer layout keep their links, and objects with many attributes these:
/// section III.G. Blocks double in size from row to row.
struct FractalHeap {
  private let source: HDF5Source
  private let offsetBytes: Int
  private let lengthBytes: Int
  private let width: UInt64
  private let startSize: UInt64
  private let maxDirectSize: UInt64
  private let rootAddress: UInt64
  private let rootRows: Int
  private let hugeObjects: UInt64?

  init(at address: UInt64, in source: HDF5Source) throws(KerasError) {
    self.source = source
    var cursor = try source.cursor(at: address, 142, "fractal heap")
    try cursor.expect(signature: "FRHP")
    _ = try cursor.expect(version: 0...0)
    try cursor.skip(2)
    guard try cursor.int(2) == 0 else { throw .unsupportedHDF5("The file compresses its own structures") }
    try cursor.skip(1)
    let maxManaged = try cursor.unsigned(4)
    try cursor.skip(8)
    hugeObjects = try cursor.address()
    try cursor.skip(10 * 8)
    width = try cursor.unsigned(2)
    startSize = try cursor.unsigned(8)
    maxDirectSize = try cursor.unsigned(8)
    let bits = try cursor.int(2)
    try cursor.skip(2)
    rootAddress = try cursor.unsigned(8)
    rootRows = try cursor.int(2)
    guard (1...64).contains(bits), width > 0, width.nonzeroBitCount == 1, startSize.nonzeroBitCount == 1,
      maxDirectSize.nonzeroBitCount == 1, startSize <= maxDirectSize, maxDirectSize <= 1 << 32, rootRows < 64
    else { throw cursor.damaged("has an impossible shape") }
    offsetBytes = (bits + 7) / 8
    lengthBytes = min(Self.bytesToCount(maxDirectSize), Self.bytesToCount(maxManaged))
  }

  private static func bytesToCount(_ limit: UInt64) -> Int {
    (63 - max(limit, 1).leadingZeroBitCount) / 8 + 1
  }

  /// The object with the identifier `id`.
  func object(_ id: UnsafeRawBufferPointer) throws(KerasError) -> ByteCursor {
    var cursor = ByteCursor(id, at: 0, "heap identifier")
    switch try cursor.int(1) >> 4 & 3 {
    case 0:
      let offset = try cursor.unsigned(offsetBytes)
      let byteCount = try cursor.unsigned(lengthBytes)
      return try source.cursor(at: try address(of: offset), byteCount, "heap object")
    case 1:
      return try hugeObject(try cursor.unsigned(min(cursor.remaining, 8)))
    default:
      throw .unsupportedHDF5("The file keeps an object inside its heap identifier")
    }
  }

  /// Objects above the heap's limit lie anywhere in the file; a tree lists them.
  private func hugeObject(_ wanted: UInt64) throws(KerasError) -> ByteCursor {
    guard let hugeObjects else { throw .damaged("a large heap object is missing") }
    var found: ByteCursor?
    try RecordTree(at: hugeObjects, kind: 1, in: source).forEach { record throws(KerasError) in
      try source.spend(1)
      let (address, byteCount) = (try record.unsigned(8), try record.unsigned(8))
      if try record.unsigned(8) == wanted {
        found = try source.cursor(at: address, byteCount, "heap object")
      }
    }
    guard let found else { throw .damaged("a large heap object is missing") }
    return found
  }

  /// Where the byte `offset` of the heap lies in the file.
  private func address(of offset: UInt64) throws(KerasError) -> UInt64 {
    if rootRows == 0 {
      guard offset < startSize else { throw .damaged("a heap object lies outside its heap") }
      return try sum(rootAddress, offset)
    }
    var (block, rows, rest) = (rootAddress, rootRows, offset)
    let directRows = log2(maxDirectSize) - log2(startSize) + 2
    while true {
      guard let row = (0..<rows).first(where: { rest < rowStart($0 + 1) }) else {
        throw .damaged("a heap object lies outside its heap")
      }
      let blockSize = rowSize(row)
      let column = (rest - rowStart(row)) / blockSize
      let entry = UInt64(row) * width + column
      let entries = try sum(block, UInt64(4 + 1 + 8 + offsetBytes))
      var pointer = try source.cursor(at: try sum(entries, entry * 8), 8, "heap block")
      guard let child = try pointer.address() else { throw .damaged("a heap block is missing") }
      rest -= rowStart(row) + column * blockSize
      if row < directRows { return try sum(child, rest) }
      // The child's rows cover exactly its size, which is smaller than this block's: the loop ends.
      let childRows = log2(blockSize) - log2(startSize * width) + 1
      guard childRows > 0, childRows < rows else { throw .damaged("a heap block has an impossible size") }
      (block, rows) = (child, childRows)
    }
  }

  private func rowSize(_ row: Int) -> UInt64 { row < 2 ? startSize : startSize << UInt64(row - 1) }
  /// The offset of a row's first byte within its block; shifts drop what no 64-bit offset could reach.
  private func rowStart(_ row: Int) -> UInt64 { row == 0 ? 0 : (startSize &* width) << UInt64(row - 1) }
  private func log2(_ value: UInt64) -> Int { 63 - max(value, 1).leadingZeroBitCount }

  private func sum(_ a: UInt64, _ b: UInt64) throws(KerasError) -> UInt64 {
    let (total, overflow) = a.addingReportingOverflow(b)
    guard !overflow else { throw .damaged("a heap block lies outside the file") }
    return total
  }
}

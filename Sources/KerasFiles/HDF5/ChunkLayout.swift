import KerasCore

extension HDF5Source {
  /// The most that data can shrink: 1,032 to 1 by gzip, and a little for small files.
  var largestExpansion: Int { 1_100 }
}

/// An array stored in equal blocks that a version 1 B-tree lists, section III.A.1.
struct ChunkLayout: Sendable {
  let tree: UInt64?
  /// The lengths of a block, and the bytes of all its elements.
  let lengths: [Int]
  let byteCount: Int
  let elementBytes: Int
  let filters: FilterPipeline

  /// How many blocks cover the array, along every axis.
  let grid: [Int]

  init(
    from cursor: inout ByteCursor, shape: [Int], type: HDF5Datatype, _ header: ObjectHeader,
    in source: HDF5Source
  ) throws(KerasError) {
    let rank = try cursor.int(1) - 1
    tree = try cursor.address()
    guard rank == shape.count else { throw cursor.damaged("has blocks of another rank than the array") }
    var lengths: [Int] = []
    for _ in 0..<rank { lengths.append(try cursor.int(4)) }
    elementBytes = type.byteCount
    guard try cursor.int(4) == elementBytes, lengths.allSatisfy({ $0 > 0 }),
      let count = checkedElementCount(lengths + [elementBytes])
    else { throw cursor.damaged("has impossible blocks") }
    self.lengths = lengths
    byteCount = count
    grid = zip(shape, lengths).map { $0 / $1 + ($0 % $1).signum() }
    guard let volume = checkedElementCount(grid + [count]),
      volume / source.largestExpansion <= source.file.bytes.count
    else {
      throw cursor.damaged("has more blocks than the file could hold")
    }
    filters =
      try header[.filters].map { message throws(KerasError) in
        var cursor = try header.cursor(message, "filter list", in: source)
        return try FilterPipeline(from: &cursor)
      } ?? FilterPipeline()
  }

  /// Writes every block that exists to its place in `output`, which has the array's `shape`.
  func read(
    into output: UnsafeMutableRawBufferPointer, shape: [Int], in source: HDF5Source
  ) throws(KerasError) {
    if let unknown = filters.unknown {
      throw .unsupportedHDF5("The array is stored with the filter \(unknown)")
    }
    guard let tree, elementCountOf(shape) > 0 else { return }
    var reader = ChunkReader(layout: self, shape: shape, source: source, output: output)
    try reader.readNode(at: tree, level: nil)
  }
}

private struct ChunkReader {
  let layout: ChunkLayout
  let shape: [Int]
  let source: HDF5Source
  let output: UnsafeMutableRawBufferPointer
  /// Nodes already read, and positions in the grid already filled: neither comes twice.
  private var seenNodes: Set<UInt64> = []
  private var seenChunks: Set<Int> = []

  init(layout: ChunkLayout, shape: [Int], source: HDF5Source, output: UnsafeMutableRawBufferPointer) {
    self.layout = layout
    self.shape = shape
    self.source = source
    self.output = output
  }

  mutating func readNode(at address: UInt64, level: Int?) throws(KerasError) {
    guard seenNodes.insert(address).inserted else { throw .damaged("an array's tree refers to itself") }
    var node = try source.cursor(at: address, 24, "array's tree node")
    try node.expect(signature: "TREE")
    let (kind, found) = (try node.int(1), try node.int(1))
    guard kind == 1, level == nil || level == found else { throw node.damaged("is of another kind") }
    let count = try node.int(2)
    let keyBytes = 8 + 8 * (shape.count + 1)
    var entries = try source.cursor(
      at: address + 24, UInt64(count * (keyBytes + 8)), "array's tree node")
    for _ in 0..<count {
      let storedBytes = try entries.unsigned(4)
      let mask = try entries.int(4)
      var key = try entries.nested(keyBytes - 8, "array's tree node")
      let child = try entries.unsigned(8)
      if found > 0 {
        try readNode(at: child, level: found - 1)
      } else {
        let stored = try source.bytes(at: child, storedBytes, "block of an array")
        try readChunk(stored, skippedFilters: mask, at: &key)
      }
    }
  }

  private mutating func readChunk(
    _ stored: UnsafeRawBufferPointer, skippedFilters: Int, at key: inout ByteCursor
  ) throws(KerasError) {
    var origin: [Int] = []
    var position = 0
    for (axis, length) in layout.lengths.enumerated() {
      let start = try key.unsigned(8)
      guard start < shape[axis], start % UInt64(length) == 0 else {
        throw key.damaged("places a block outside its array")
      }
      origin.append(Int(start))
      position = position * layout.grid[axis] + Int(start) / length
    }
    // Each takes more than 16 bytes of the tree: a small file has room for few.
    guard seenChunks.count < source.file.bytes.count / 16, seenChunks.insert(position).inserted else {
      throw key.damaged("lists a block twice")
    }
    if layout.filters.isEmpty {
      guard stored.count == layout.byteCount else { throw key.damaged("lists a block of another size") }
      copy(stored, to: origin)
    } else {
      let plain = try layout.filters.undo(
        stored, skipping: skippedFilters, plainBytes: layout.byteCount, elementBytes: layout.elementBytes)
      plain.withUnsafeBytes { copy($0, to: origin) }
    }
  }

  /// Copies the part of a block that lies inside the array, run by run along the last axis.
  private func copy(_ block: UnsafeRawBufferPointer, to origin: [Int]) {
    let element = layout.elementBytes
    let inside = zip(zip(layout.lengths, shape), origin).map { min($0.0, $0.1 - $1) }
    guard let run = inside.last else { return output.copyMemory(from: block) }
    let rows = elementCountOf(Array(inside.dropLast()))
    var index = [Int](repeating: 0, count: inside.count)
    for _ in 0..<rows {
      var (from, to) = (0, 0)
      for axis in index.indices {
        from = from * layout.lengths[axis] + index[axis]
        to = to * shape[axis] + origin[axis] + index[axis]
      }
      UnsafeMutableRawBufferPointer(rebasing: output[(to * element)..<((to + run) * element)])
        .copyMemory(
          from: UnsafeRawBufferPointer(rebasing: block[(from * element)..<((from + run) * element)]))
      for axis in index.indices.dropLast().reversed() {
        index[axis] += 1
        if index[axis] < inside[axis] { break }
        index[axis] = 0
      }
    }
  }
}

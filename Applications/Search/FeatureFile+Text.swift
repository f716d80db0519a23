import KerasFiles
import KerasModels

// Text is read whole: its numbers are then held as they would be in memory.

extension FeatureFile {
  /// `file,f0,f1,…`, as RFC 4180 has it.
  static func table(_ path: String) throws(KerasError) -> Contents {
    let file = try FileContents(path: path)
    var reader = CellReader(bytes: file.bytes)
    let head = reader.line() ?? []
    guard head.first == "file", head.count > 1 else {
      throw notFeatures(path, "its first line is not `file,f0,…`")
    }
    var rows = TextRows(path, ["features"])
    while let cells = reader.line() {
      let values = cells.dropFirst().compactMap { Float($0) }
      guard cells.count == head.count, values.count == head.count - 1 else {
        throw notFeatures(path, "row \(rows.count + 1) is not a name and \(head.count - 1) numbers")
      }
      try rows.append(cells[0], [values])
    }
    try require(reader.isAtEnd, of: path)
    return try rows.contents
  }

  /// `{"file", "features"}` a line; of several layers `features` is an object.
  static func lines(_ path: String) throws(KerasError) -> Contents {
    let file = try FileContents(path: path)
    var rows: TextRows?
    var start = 0
    while let end = file.bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = try within(path.escaped) { () throws(KerasError) in
        try JSON(parsing: UnsafeRawBufferPointer(rebasing: file.bytes[start..<end]))
      }
      start = end + 1
      let number = (rows?.count ?? 0) + 1
      guard let name = line["file"]?.string, let features = line["features"] else {
        throw notFeatures(path, "line \(number) is not {\"file\", \"features\"}")
      }
      let arrays = features.object.map { Array($0) } ?? [("features", features)]
      var found = rows ?? TextRows(path, arrays.map(\.key))
      let values = arrays.map { $0.value.array?.compactMap(\.number).map { Float($0) } ?? [] }
      guard arrays.map(\.key) == found.names,
        zip(arrays, values).allSatisfy({ $0.value.array?.count == $1.count })
      else {
        throw notFeatures(path, "line \(number) has other features than the first")
      }
      // Rows that stand in two places are copied when they grow.
      rows = nil
      try found.append(name, values)
      rows = found
    }
    try require(start == file.bytes.count, of: path)
    return try (rows ?? TextRows(path, ["features"])).contents
  }

  private static func require(_ isWhole: Bool, of path: String) throws(KerasError) {
    guard isWhole else { throw notFeatures(path, "its last line has no end, so the file is cut short") }
  }
}

/// Rows as they are read.
private struct TextRows {
  let path: String
  let names: [String]
  private var numbers: [[Float]]
  private var widths: [Int] = []
  private var files: [String] = []

  init(_ path: String, _ names: [String]) {
    (self.path, self.names) = (path, names)
    numbers = names.map { _ in [] }
  }

  var count: Int { files.count }

  mutating func append(_ file: String, _ values: [[Float]]) throws(KerasError) {
    if files.isEmpty { widths = values.map(\.count) }
    guard values.map(\.count) == widths, !widths.contains(0) else {
      throw notFeatures(path, "row \(count + 1) has \(values.map(\.count)) numbers, the first \(widths)")
    }
    for place in names.indices { numbers[place] += values[place] }
    files.append(file)
  }

  var contents: FeatureFile.Contents {
    get throws(KerasError) {
      var contents = FeatureFile.Contents()
      for (place, name) in names.enumerated() {
        let width = widths.isEmpty ? 0 : widths[place]
        contents.add(name, try Tensor(numbers[place], shape: [count, width]))
      }
      contents.nameCount = count
      contents.name = { [files] index in files[index] }
      return contents
    }
  }
}

/// Cells of RFC 4180, line by line.
private struct CellReader {
  let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether all lines had an end.
  var isAtEnd: Bool { position == bytes.count }

  /// The next line; nil where none ends.
  mutating func line() -> [String]? {
    var cells: [String] = []
    var place = position
    while place < bytes.count {
      guard let (cell, end) = cell(at: place), end < bytes.count else { return nil }
      cells.append(cell)
      place = end + 1
      if bytes[end] == UInt8(ascii: "\n") {
        position = place
        return cells
      }
    }
    return nil
  }

  /// A cell and where the comma or the line's end behind it stands.
  private func cell(at start: Int) -> (String, end: Int)? {
    let quote = UInt8(ascii: "\"")
    func text(_ range: Range<Int>) -> String {
      String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }
    guard bytes[start] == quote else {
      guard
        let end = bytes[start...].firstIndex(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\n") })
      else { return nil }
      let isReturn = end > start && bytes[end] == UInt8(ascii: "\n") && bytes[end - 1] == UInt8(ascii: "\r")
      return (text(start..<(isReturn ? end - 1 : end)), end)
    }
    var (cell, place) = ("", start + 1)
    while let end = bytes[place...].firstIndex(of: quote) {
      cell += text(place..<end)
      place = end + 1
      guard place < bytes.count else { return nil }
      if bytes[place] == quote {
        cell += "\""
        place += 1
        continue
      }
      if bytes[place] == UInt8(ascii: "\r"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "\n") {
        place += 1
      }
      return [UInt8(ascii: ","), UInt8(ascii: "\n")].contains(bytes[place]) ? (cell, place) : nil
    }
    return nil
  }
}

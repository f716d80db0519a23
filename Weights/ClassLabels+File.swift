import FoundationEssentials
import Glibc
import KerasCore

extension ClassLabels {
  /// Reads a label file in UTF-8; its name says how.
  ///
  /// - `.json`: Keras' class index `{"0": ["n01440764", "tench"], …}`, `{"0": "tench", …}`, the
  ///   `class_indices` of a training run `{"tench": 0, …}`, or an array of names or of `[id, name]`.
  /// - `.csv`: `name`, `index,name`, `id,name` or `index,id,name`, with or without a heading.
  /// - anything else: one name a line, optionally after a WordNet id.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`, or `invalidFile` when the indices are not 0, 1, 2, … or the
  ///   file is empty, damaged or larger than 16 MB.
  public init(contentsOf path: String) throws(KerasError) {
    self = try within(path) { () throws(KerasError) in
      var bytes = try readFile(path)
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
      guard let text = String(validating: bytes, as: UTF8.self) else { throw notText() }
      let labels =
        switch path.split(separator: ".").last?.lowercased() {
        case "json": try labelsFromJSON(bytes)
        case "csv": try labelsFromCSV(text)
        default: labelsFromLines(text)
        }
      guard !labels.isEmpty else { throw noLabels() }
      return ClassLabels(labels)
    }
  }
}

// MARK: - Formats

private func labelsFromLines(_ text: String) -> [ClassLabel] {
  let lines = text.split(whereSeparator: \.isNewline).map { trimmed($0) }.filter { !$0.isEmpty }
  let haveIDs = lines.allSatisfy { isWordNetID($0.prefix(9)) && $0.dropFirst(9).first == " " }
  return lines.map { line in
    haveIDs
      ? ClassLabel(id: String(line.prefix(9)), name: String(line.dropFirst(10)))
      : ClassLabel(id: line, name: line)
  }
}

private func isWordNetID(_ text: Substring) -> Bool {
  text.count == 9 && text.first == "n" && text.dropFirst().allSatisfy(\.isNumber)
}

private func labelsFromJSON(_ bytes: [UInt8]) throws(KerasError) -> [ClassLabel] {
  let data = Data(bytes)
  func decode<Value: Decodable>(_ type: Value.Type) -> Value? {
    try? JSONDecoder().decode(type, from: data)
  }
  if let names = decode([String].self) { return names.map { ClassLabel(id: $0, name: $0) } }
  if let rows = decode([[String]].self) {
    return try rows.map { row throws(KerasError) in try label(fromPair: row) }
  }
  if let indices = decode([String: Int].self) {
    return try ordered(indices.map { ($0.value, ClassLabel(id: $0.key, name: $0.key)) })
  }
  if let names = decode([String: String].self) {
    return try ordered(
      names.map { key, name throws(KerasError) in
        (try index(key), ClassLabel(id: name, name: name))
      })
  }
  if let rows = decode([String: [String]].self) {
    return try ordered(
      rows.map { key, row throws(KerasError) in (try index(key), try label(fromPair: row)) })
  }
  throw unknownJSON()
}

private func label(fromPair row: [String]) throws(KerasError) -> ClassLabel {
  guard row.count == 2 else { throw notAPair(row) }
  return ClassLabel(id: row[0], name: row[1])
}

private func labelsFromCSV(_ text: String) throws(KerasError) -> [ClassLabel] {
  var rows = commaSeparatedRows(text)
  let headings: Set = ["index", "id", "wnid", "label", "name", "class", "class_name"]
  if let first = rows.first, first.allSatisfy({ headings.contains($0.lowercased()) }) {
    rows.removeFirst()
  }
  let columns = rows.first?.count ?? 0
  if let uneven = rows.firstIndex(where: { $0.count != columns }) {
    throw unevenColumns(row: uneven + 1, found: rows[uneven].count, expected: columns)
  }
  switch columns {
  case 0: return []
  case 1: return rows.map { ClassLabel(id: $0[0], name: $0[0]) }
  case 2 where rows.contains { Int($0[0]) == nil }:
    return rows.map { ClassLabel(id: $0[0], name: $0[1]) }
  case 2, 3:
    return try ordered(
      rows.map { row throws(KerasError) in
        (try index(row[0]), ClassLabel(id: row[1], name: row[columns - 1]))
      })
  default: throw tooManyColumns(columns)
  }
}

/// RFC 4180: fields in double quotes may hold commas, newlines and doubled quotes.
private func commaSeparatedRows(_ text: String) -> [[String]] {
  var rows: [[String]] = []
  var row: [String] = []
  var field = ""
  var isQuoted = false
  var wasQuoted = false
  func endRow() {
    row.append(wasQuoted ? field : trimmed(field[...]))
    if row != [""] { rows.append(row) }
    (row, field, wasQuoted) = ([], "", false)
  }
  var rest = text[...]
  while let character = rest.popFirst() {
    if isQuoted {
      if character != "\"" {
        field.append(character)
      } else if rest.first == "\"" {
        field.append("\"")
        rest.removeFirst()
      } else {
        isQuoted = false
      }
    } else if character == "\"" {
      (isQuoted, wasQuoted, field) = (true, true, "")
    } else if character == "," {
      row.append(wasQuoted ? field : trimmed(field[...]))
      (field, wasQuoted) = ("", false)
    } else if character.isNewline {
      endRow()
    } else if !wasQuoted {
      field.append(character)
    }
  }
  endRow()
  return rows
}

private func trimmed(_ text: Substring) -> String {
  var text = text
  while text.first?.isWhitespace == true { text.removeFirst() }
  while text.last?.isWhitespace == true { text.removeLast() }
  return String(text)
}

private func index(_ text: String) throws(KerasError) -> Int {
  guard let index = Int(text) else { throw notAnIndex(text) }
  return index
}

private func ordered(_ rows: [(index: Int, label: ClassLabel)]) throws(KerasError) -> [ClassLabel] {
  let sorted = rows.sorted { $0.index < $1.index }
  for (expected, row) in sorted.enumerated() where row.index != expected {
    throw indexGap(expected: expected, found: row.index)
  }
  return sorted.map(\.label)
}

// MARK: - Reading

private let largestLabelFile = 16 << 20

private func readFile(_ path: String) throws(KerasError) -> [UInt8] {
  let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard file >= 0 else { throw cannotOpen(errno) }
  defer { close(file) }
  var status = stat()
  guard fstat(file, &status) == 0 else { throw cannotOpen(errno) }
  guard status.st_mode & S_IFMT == S_IFREG else { throw notAFile() }
  guard status.st_size <= largestLabelFile else { throw tooLarge(Int(status.st_size)) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(file, &chunk, chunk.count)
    guard count >= 0 else { throw cannotOpen(errno) }
    if count == 0 || bytes.count > largestLabelFile { return bytes }
    bytes += chunk[..<count]
  }
}

// MARK: - Wording

private func cannotOpen(_ code: Int32) -> KerasError {
  code == ENOENT
    ? KerasError(.fileNotFound, "There is no such label file.")
    : KerasError(.fileAccess, "Cannot read the label file: \(String(cString: strerror(code))).")
}

private func notAFile() -> KerasError {
  KerasError(.invalidFile, "Expected a label file, found a folder or a device.")
}

private func tooLarge(_ byteCount: Int) -> KerasError {
  KerasError(.invalidFile, "A label file has at most \(largestLabelFile) bytes, found \(byteCount).")
}

private func notText() -> KerasError {
  KerasError(.invalidFile, "Expected a label file in UTF-8, found other bytes.")
}

private func noLabels() -> KerasError {
  KerasError(.invalidFile, "The label file names no class.", remedy: "one name a line.")
}

private func unknownJSON() -> KerasError {
  KerasError(
    .invalidFile, "Expected labels in JSON, found something else.",
    remedy: #"["ant", "bee"], {"ant": 0, "bee": 1} or {"0": ["id0", "ant"], "1": ["id1", "bee"]}."#)
}

private func notAPair(_ row: [String]) -> KerasError {
  KerasError(.invalidFile, "Expected an id and a name for each class, found \(row).")
}

private func notAnIndex(_ text: String) -> KerasError {
  KerasError(.invalidFile, "Expected the index of a class, found \"\(text)\".")
}

private func indexGap(expected: Int, found: Int) -> KerasError {
  KerasError(
    .invalidFile, "Expected the class with index \(expected), found \(found).",
    remedy: "number the classes 0, 1, 2, … each once.")
}

private func unevenColumns(row: Int, found: Int, expected: Int) -> KerasError {
  KerasError(.invalidFile, "Expected \(expected) columns in row \(row), found \(found).")
}

private func tooManyColumns(_ count: Int) -> KerasError {
  KerasError(
    .invalidFile, "Expected at most 3 columns, found \(count).", remedy: "index, id and name.")
}

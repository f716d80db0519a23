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
      var bytes = try readFile(path, atMost: 16 << 20)
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
      guard let text = String(validating: bytes, as: UTF8.self) else { throw notText() }
      let labels =
        switch path.split(separator: ".").last?.lowercased() {
        case "json": try labelsFromJSON(text)
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

private func labelsFromJSON(_ text: String) throws(KerasError) -> [ClassLabel] {
  let json: JSON
  do throws(KerasError) { json = try JSON(parsing: text) } catch { throw unknownJSON() }
  if let rows = json.array {
    return try rows.map { row throws(KerasError) in try label(row) }
  }
  guard let members = json.object, !members.isEmpty else { throw unknownJSON() }
  let indices = members.compactMap { $0.value.integer }
  if indices.count == members.count {
    return try ordered(zip(indices, members).map { ($0, ClassLabel(id: $1.key, name: $1.key)) })
  }
  return try ordered(
    members.map { member throws(KerasError) in (try index(member.key), try label(member.value)) })
}

/// A name, or a pair of id and name.
private func label(_ json: JSON) throws(KerasError) -> ClassLabel {
  if let name = json.string { return ClassLabel(id: name, name: name) }
  guard let row = json.array else { throw unknownJSON() }
  let texts = row.compactMap(\.string)
  guard texts.count == row.count else { throw unknownJSON() }
  guard texts.count == 2 else { throw notAPair(texts) }
  return ClassLabel(id: texts[0], name: texts[1])
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

// MARK: - Wording

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

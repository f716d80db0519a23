import KerasCore

/// A table of texts with a heading for each column, as a CSV file holds it (RFC 4180).
///
/// ```swift
/// let table = try Table(csv: "filename,class\ncat.jpg,cat\n\"red, large.png\",dog\n")
/// let files = try table.column("filename")          // ["cat.jpg", "red, large.png"]
/// ```
public struct Table: Hashable, Sendable {
  public let columns: [String]
  public let rows: [[String]]
  /// What messages call it.
  let name: String

  /// Reads a CSV file.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` for text that is not UTF-8, and as ``init(csv:separator:)``.
  public init(contentsOf path: String, separator: Character = ",") throws(KerasError) {
    let bytes = try readFile(path, atMost: 1 << 30)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw KerasError(.invalidFile, "The table is not UTF-8 text.", path: [path.escaped])
    }
    try self.init(text, separator, name: path)
  }

  /// Reads the text of a CSV file: its first line says what columns are called, and quotes may hold anything.
  ///
  /// - Throws: `invalidFile` for a line with another number of columns, for columns that are called alike, and for a quote
  ///   that does not end, with the line's number.
  public init(csv text: String, separator: Character = ",") throws(KerasError) {
    try self.init(text, separator, name: "the table")
  }

  private init(_ text: String, _ separator: Character, name: String) throws(KerasError) {
    var lines = try within(name) { () throws(KerasError) in try Self.lines(text, separator) }
    guard !lines.isEmpty else { throw KerasError(.invalidFile, "The table is empty.", path: [name]) }
    columns = lines.removeFirst().fields
    try require(
      Set(columns).count == columns.count, .invalidFile, "Two columns are called alike: \(columns).",
      path: [name])
    for line in lines where line.fields.count != columns.count {
      throw KerasError(
        .invalidFile, "Line \(line.number) has \(line.fields.count) columns, the heading \(columns.count).",
        path: [name])
    }
    rows = lines.map(\.fields)
    self.name = name
  }

  private static func lines(
    _ text: String, _ separator: Character
  ) throws(KerasError) -> [(number: Int, fields: [String])] {
    var lines: [(number: Int, fields: [String])] = []
    var (fields, field): ([String], String) = ([], "")
    var (isQuoted, wasQuoted) = (false, false)
    var (number, start) = (1, 1)
    func endOfLine() {
      fields.append(field)
      // Empty lines are none.
      if fields != [""] || wasQuoted { lines.append((start, fields)) }
      (fields, field, wasQuoted, start) = ([], "", false, number)
    }
    var rest = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
    while let character = rest.popFirst() {
      if character.isNewline { number += 1 }
      switch character {
      case "\"" where isQuoted && rest.first == "\"":
        field.append("\"")
        rest.removeFirst()
      case "\"" where isQuoted: isQuoted = false
      case "\"" where field.isEmpty && !wasQuoted: (isQuoted, wasQuoted) = (true, true)
      case separator where !isQuoted:
        fields.append(field)
        (field, wasQuoted) = ("", false)
      // A carriage return and a line feed are one character to Swift.
      case _ where character.isNewline && !isQuoted: endOfLine()
      default: field.append(character)
      }
    }
    try require(!isQuoted, .invalidFile, "A quote that begins in line \(start) does not end.")
    if !fields.isEmpty || !field.isEmpty { endOfLine() }
    return lines
  }

  /// The texts of a column.
  ///
  /// - Throws: `unknownName`, with the nearest.
  public func column(_ heading: String) throws(KerasError) -> [String] {
    guard let index = columns.firstIndex(of: heading) else {
      let nearest = nearestNames(to: heading, among: columns)
      throw KerasError(
        .unknownName, "There is no column called `\(heading.escaped)`.", path: [name.escaped],
        remedy: nearest.isEmpty
          ? "its columns are \(columns.map(\.escaped).joined(separator: ", "))."
          : "did you mean \(nearest.map(\.escaped).joined(separator: ", "))?")
    }
    return rows.map { $0[index] }
  }

  /// The numbers of a column.
  ///
  /// - Throws: `unknownName`; `invalidFile` for a text that is no number.
  public func numbers(_ heading: String) throws(KerasError) -> [Float] {
    var numbers: [Float] = []
    for (row, text) in try column(heading).enumerated() {
      guard let number = Float(text.filter { !$0.isWhitespace }), number.isFinite else {
        throw KerasError(
          .invalidFile,
          "Expected a number in row \(row + 1) of column `\(heading.escaped)`, found \(text.escaped).",
          path: [name.escaped])
      }
      numbers.append(number)
    }
    return numbers
  }
}

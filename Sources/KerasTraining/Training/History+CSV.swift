import KerasCore

extension History {
  /// Reads what ``CSVLogger``, here or in Keras, wrote: names in the first line, an epoch in each other.
  ///
  /// Where epochs begin anew, as in a file that several runs went on with, they are counted on. What is no number (`NA`)
  /// is left out.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` for a file without a column `epoch`, and for a line with
  ///   another number of fields, naming it.
  public init(contentsOfCSV path: String) throws(KerasError) {
    let bytes = try readFile(path, atMost: CSVLogger.longestFile)
    self = try within(path) { () throws(KerasError) in
      try History(csv: String(decoding: bytes, as: UTF8.self))
    }
  }

  init(csv text: String) throws(KerasError) {
    self.init()
    var lines = text.split(whereSeparator: \.isNewline)
    guard !lines.isEmpty else { throw KerasError(.invalidFile, "The file is empty.") }
    let separator: Character =
      [",", ";", "\t"].first { lines[0].contains($0) } ?? ","
    let names = lines.removeFirst().split(separator: separator, omittingEmptySubsequences: false).map(
      Self.field)
    guard let column = names.firstIndex(of: "epoch") else {
      throw KerasError(
        .invalidFile, "The first line names no column `epoch`.", remedy: "name a file that CSVLogger wrote.")
    }
    var shift = 0
    for (number, line) in lines.enumerated() {
      let fields = line.split(separator: separator, omittingEmptySubsequences: false).map(Self.field)
      guard fields.count == names.count, let said = Double(fields[column]).flatMap({ Int(exactly: $0) }),
        said.magnitude < 1 << 40
      else {
        throw KerasError(
          .invalidFile, "Line \(number + 2) is not \(names.count) fields with the number of an epoch.")
      }
      if let last = epochs.last, said + shift <= last { shift = last + 1 - said }
      var logs = Logs()
      for (name, field) in zip(names, fields) where name != "epoch" {
        if let value = Double(field) { logs[name] = value }
      }
      append(logs, epoch: said + shift)
    }
  }

  /// Without blanks and quotation marks around it.
  private static func field(_ text: Substring) -> String {
    let text = text.drop { $0 == " " || $0 == "\"" }
    return String(text.reversed().drop { $0 == " " || $0 == "\"" || $0 == "\r" }.reversed())
  }
}

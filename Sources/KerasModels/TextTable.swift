/// A table of text with a frame, laid out as the `rich` library does for Keras: words wrap, a word wider
/// than its column ends in `…`.
package struct TextTable {
  package enum Alignment { case left, right, center }

  package struct Column {
    let title: String
    let alignment: Alignment

    package init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  private let columns: [Column]
  /// Characters between two vertical lines, a blank on either side included.
  private let widths: [Int]

  /// - Parameters:
  ///   - contentWidths: what each column would like to have between its two blanks.
  ///   - lineLength: what the whole table has, frame included; the columns give or take evenly.
  init(columns: [Column], contentWidths: [Int], lineLength: Int) {
    self.columns = columns
    let wanted = contentWidths.map { $0 + 2 }
    let room = lineLength - (columns.count + 1)
    let missing = wanted.reduce(0, +) - room
    widths = missing > 0 ? Self.reduced(wanted, by: missing) : Self.widened(wanted, by: -missing)
  }

  /// A table in which nothing is wrapped or cut.
  package static func text(of rows: [[String]], columns: [Column]) -> String {
    let widths = columns.indices.map { column in
      ([columns[column].title] + rows.map { $0[column] }).map(\.count).max() ?? 0
    }
    let length = widths.reduce(0) { $0 + $1 + 3 } + 1
    return TextTable(columns: columns, contentWidths: widths, lineLength: length).text(rows: rows)
  }

  func text(rows: [[String]]) -> String {
    var lines = [rule("┏", "━", "┳", "┓")]
    lines += self.lines(columns.map(\.title), divider: "┃", atBottom: true)
    lines.append(rule("┡", "━", "╇", "┩"))
    for (index, row) in rows.enumerated() {
      if index > 0 { lines.append(rule("├", "─", "┼", "┤")) }
      lines += self.lines(row, divider: "│", atBottom: false)
    }
    lines.append(rule("└", "─", "┴", "┘"))
    return lines.joined(separator: "\n")
  }

  private func rule(_ left: String, _ line: String, _ crossing: String, _ right: String) -> String {
    left + widths.map { String(repeating: line, count: $0) }.joined(separator: crossing) + right
  }

  /// One row, as high as its highest cell.
  private func lines(_ cells: [String], divider: String, atBottom: Bool) -> [String] {
    var wrapped: [[String]] = []
    for (index, cell) in cells.enumerated() {
      wrapped.append(wrap(cell, to: max(widths[index] - 2, 0)).map { fit($0, in: index) })
    }
    let height = wrapped.map(\.count).max() ?? 0
    return (0..<height).map { line in
      let parts = wrapped.indices.map { index in
        let lines = wrapped[index]
        let position = atBottom ? line - (height - lines.count) : line
        return lines.indices.contains(position)
          ? lines[position] : String(repeating: " ", count: widths[index])
      }
      return divider + parts.joined(separator: divider) + divider
    }
  }

  /// A line cut or filled up to its column's width.
  private func fit(_ line: [Character], in column: Int) -> String {
    let width = max(widths[column] - 2, 0)
    var text = line
    if columns[column].alignment != .left { text.removeTrailingBlanks() }
    if text.count > width { text = width == 0 ? [] : text.prefix(width - 1) + ["…"] }
    let blanks = width - text.count
    let before =
      switch columns[column].alignment {
      case .left: 0
      case .center: blanks / 2
      case .right: blanks
      }
    let filled =
      String(repeating: " ", count: before) + String(text) + String(repeating: " ", count: blanks - before)
    return String((" " + filled + " ").prefix(widths[column]))
  }
}

// MARK: - Wrapping

/// Lines of whole words; a word that is wider than a line gets one of its own.
private func wrap(_ text: String, to width: Int) -> [[Character]] {
  var lines: [[Character]] = [[]]
  for word in words(text) {
    var bare = word
    bare.removeTrailingBlanks()
    let used = lines[lines.count - 1].count
    if bare.count > width - used, used > 0 {
      lines.append(word)
    } else {
      lines[lines.count - 1] += word
    }
  }
  // Blanks may hang over the edge; they are not worth an ellipsis.
  return lines.map { line in
    var line = line
    while line.count > width, line.last?.isWhitespace == true { line.removeLast() }
    return line
  }
}

/// Each word with the blanks that follow it; the first with those before it, too.
private func words(_ text: String) -> [[Character]] {
  var words: [[Character]] = []
  var word: [Character] = []
  var hasLetters = false
  for character in text {
    let isBlank = character.isWhitespace
    if !isBlank, hasLetters, word.last?.isWhitespace == true {
      words.append(word)
      word = []
      hasLetters = false
    }
    hasLetters = hasLetters || !isBlank
    word.append(isBlank ? " " : character)
  }
  if !word.isEmpty { words.append(word) }
  return words
}

extension [Character] {
  fileprivate mutating func removeTrailingBlanks() {
    while last?.isWhitespace == true { removeLast() }
  }
}

// MARK: - Widths

extension TextTable {
  /// Takes an equal share from each column, the odd ones where rounding to even puts them.
  private static func reduced(_ widths: [Int], by excess: Int) -> [Int] {
    var remaining = excess
    return widths.enumerated().map { index, width in
      let share = (Double(remaining) / Double(widths.count - index)).rounded(.toNearestOrEven)
      let taken = min(width, Int(share))
      remaining -= taken
      return width - taken
    }
  }

  /// Gives each column a share in proportion to its width, rounded up while there is any.
  private static func widened(_ widths: [Int], by surplus: Int) -> [Int] {
    var remaining = surplus
    var total = widths.reduce(0, +)
    return widths.map { width in
      let share = total > 0 ? Int((Double(width * remaining) / Double(total)).rounded(.up)) : remaining
      remaining -= share
      total -= width
      return width + share
    }
  }
}

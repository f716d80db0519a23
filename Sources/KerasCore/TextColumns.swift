/// Rows of text in columns as wide as their widest cell, two blanks apart.
package struct TextColumns {
  package enum Alignment { case left, right }

  package var rows: [[String]]
  private let alignments: [Alignment]

  /// - Parameter rows: each with as many cells as there are alignments.
  package init(_ alignments: [Alignment], rows: [[String]] = []) {
    self.alignments = alignments
    self.rows = rows
  }

  /// The rows without blanks at their ends.
  package var lines: [String] {
    let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.indices.map { column in
        let filling = String(repeating: " ", count: widths[column] - row[column].count)
        return alignments[column] == .left ? row[column] + filling : filling + row[column]
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}

/// Digits in threes: `25,636,712`.
package func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)[...]
  var groups: [Substring] = []
  while digits.count > 3 {
    groups.insert(digits.suffix(3), at: 0)
    digits = digits.dropLast(3)
  }
  return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

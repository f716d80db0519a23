/// Columns of text, as wide as their widest cell.
struct TextTable {
  enum Alignment { case left, right }

  private var rows: [[String]]
  private let alignments: [Alignment]

  init(_ columns: [(title: String, alignment: Alignment)]) {
    rows = [columns.map(\.title)]
    alignments = columns.map(\.alignment)
  }

  mutating func append(_ row: [String]) { rows.append(row) }

  var lines: [String] {
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

/// `1,234,567`
func grouped(_ number: Int) -> String {
  var digits = String(number.magnitude)
  var groups: [String] = []
  while digits.count > 3 {
    groups.insert(String(digits.suffix(3)), at: 0)
    digits.removeLast(3)
  }
  return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}

/// `98.1 MB`, in powers of 1000.
func readableBytes(_ count: Int) -> String {
  var value = Double(count)
  var unit = "B"
  for larger in ["kB", "MB", "GB"] where value >= 1000 {
    value /= 1000
    unit = larger
  }
  return unit == "B" ? "\(count) B" : "\(fixed(value, 1)) \(unit)"
}

/// A number with so many digits after the point.
func fixed(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
  let scaled = Int((abs(value) * scale).rounded())
  let whole = "\(scaled / Int(scale))"
  let fraction = String(scaled % Int(scale))
  let sign = value < 0 && scaled != 0 ? "-" : ""
  guard digits > 0 else { return sign + whole }
  return sign + whole + "." + String(repeating: "0", count: digits - fraction.count) + fraction
}

import Glibc
import Keras

extension TextColumns {
  /// Prints the table; on a terminal too narrow for it, a record for each row instead, a line a column.
  ///
  /// What is not read by people keeps its rows: other programs expect them.
  func print() {
    let lines = lines
    guard let columns = StandardOutput.columns, lines.contains(where: { $0.count > columns }),
      let heading = rows.first
    else { return StandardOutput.print(lines.joined(separator: "\n")) }
    for row in rows.dropFirst() {
      StandardOutput.print(row[0])
      let cells = zip(heading, row).dropFirst().map { [$0, $1] }
      let record = TextColumns([.left, .left], rows: cells)
      for line in record.lines { StandardOutput.print("  " + line) }
    }
  }
}

extension StandardOutput {
  /// Characters in a line of the terminal; nil where standard output is none.
  static var columns: Int? {
    var size = winsize()
    guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}

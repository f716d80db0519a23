/// A line on the terminal that says what is being done and goes away when it is over; elsewhere nothing.
struct ProgressLine {
  private let isShown = StandardError.isTerminal

  func show(_ text: String) {
    if isShown { StandardError.show(Self.startOfLine + text.escaped) }
  }

  func clear() {
    if isShown { StandardError.show(Self.startOfLine) }
  }

  /// Goes to the line's beginning and wipes it.
  private static let startOfLine = "\r\u{1B}[K"
}

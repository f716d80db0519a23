import Keras

/// How many pictures are done: a line on the terminal that changes, while results go elsewhere.
struct PictureCount {
  private let isShown = StandardError.isTerminal && !StandardOutput.isTerminal
  private let clock = ContinuousClock()
  private let start = ContinuousClock.now
  private var shownAt = ContinuousClock.now
  private var isOnScreen = false

  /// Draws the line, a few times a second.
  mutating func update(_ count: Int) {
    guard isShown, shownAt.duration(to: clock.now) > .milliseconds(200) else { return }
    shownAt = clock.now
    isOnScreen = true
    let rate = Double(count) / start.duration(to: shownAt).inSeconds
    StandardError.show(Self.startOfLine + "\(grouped(count)) pictures, \(fixed(rate, 0)) a second")
  }

  /// Makes room for a line of another kind.
  mutating func clear() {
    guard isOnScreen else { return }
    isOnScreen = false
    StandardError.show(Self.startOfLine)
  }

  /// Goes to the line's beginning and wipes it.
  private static let startOfLine = "\r\u{1B}[K"
}

extension Duration {
  var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

/// Whether bytes come fast enough for a transfer ever to end.
///
/// One pace goes through all the answers that a file is pieced together from without a pause.
final class Pace {
  let window: Double
  private let leastCount: Int
  private var start: (time: Int, byteCount: Int)?

  /// - Parameters:
  ///   - window: Seconds, in which at least `leastRate` bytes for each must come.
  init(window: Double, leastRate: Double) {
    self.window = window
    leastCount = Int(window * leastRate)
  }

  /// Time runs from here on, unless it does already.
  func begin(byteCount: Int, at nanoseconds: Int) {
    start = start ?? (nanoseconds, byteCount)
  }

  /// Time does not count until bytes come again.
  func pause() { start = nil }

  /// The bytes of the last window when they were too few; else nil.
  func shortfall(byteCount: Int, at nanoseconds: Int) -> Int? {
    guard let start, Double(nanoseconds - start.time) / 1e9 >= window else { return nil }
    self.start = (nanoseconds, byteCount)
    let gained = byteCount - start.byteCount
    return gained < leastCount ? gained : nil
  }
}

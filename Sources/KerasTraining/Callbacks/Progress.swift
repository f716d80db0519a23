import KerasCharts
import KerasCore

#if canImport(Glibc)
  import Glibc
#endif

/// What is shown while a model is trained or evaluated, on standard error.
public enum Verbosity: Hashable, Sendable {
  case silent
  /// A bar on a terminal, lines elsewhere.
  case automatic
  /// Keras' bar, which is redrawn.
  case bar
  /// One line an epoch.
  case lines
}

/// Shows how far training is: Keras' `ProgbarLogger`.
final class ProgressLogger: Callback {
  private let showsBar: Bool
  private let clock = ContinuousClock()
  private var start = ContinuousClock.now
  private var drawn = ContinuousClock.now
  private var done = 0
  private var epoch: Int?
  private var isTraining = false

  /// nil where nothing is to be shown.
  init?(_ verbosity: Verbosity) {
    switch verbosity {
    case .silent: return nil
    case .automatic: showsBar = isatty(STDERR_FILENO) == 1
    case .bar: showsBar = true
    case .lines: showsBar = false
    }
  }

  override func trainBegan() { isTraining = true }
  override func trainEnded(_ logs: Logs) { isTraining = false }

  override func epochBegan(_ epoch: Int) {
    self.epoch = epoch
    begin()
    if epochs > 1 { show("Epoch \(epoch + 1)/\(epochs)\n") }
  }

  override func epochEnded(_ epoch: Int, _ logs: inout Logs) { finish(logs) }

  override func testBegan() { if !isTraining { begin() } }
  override func testEnded(_ logs: Logs) { if !isTraining { finish(logs) } }

  override func trainBatchEnded(_ batch: Int, _ logs: Logs) { draw(batch, logs) }
  override func testBatchEnded(_ batch: Int, _ logs: Logs) { if !isTraining { draw(batch, logs) } }

  private func begin() {
    (start, done) = (clock.now, 0)
    drawn = start
  }

  private func draw(_ batch: Int, _ logs: Logs) {
    done = batch + 1
    // Not more often than a person can read.
    guard showsBar, drawn.duration(to: clock.now) > .milliseconds(50) || done == 1 else { return }
    drawn = clock.now
    show(
      "\r"
        + progressLine(
          done: done, of: steps, elapsed: start.duration(to: clock.now).inSeconds, logs, isLast: false))
  }

  private func finish(_ logs: Logs) {
    let elapsed = start.duration(to: clock.now).inSeconds
    guard showsBar else {
      show("\(done)/\(done) - \(Int(elapsed.rounded()))s - \(perStep(elapsed, done)) - \(logs)\n")
      return
    }
    show("\r" + progressLine(done: done, of: done, elapsed: elapsed, logs, isLast: true) + "\n")
  }

  private func show(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { writeAll($0, to: STDERR_FILENO) }
  }
}

/// Keras' line: `12/100 ━━━━━━━━━━━━━━━━━━━━ 5s 12ms/step - accuracy: 0.9000 - loss: 0.3000`.
///
/// - Parameter total: nil where nobody knows.
func progressLine(done: Int, of total: Int?, elapsed: Double, _ logs: Logs, isLast: Bool) -> String {
  let width = 20
  var line: String
  if let total, total > 0 {
    let count = String(total)
    let number = String(repeating: " ", count: max(count.count - "\(done)".count, 0)) + "\(done)/\(count)"
    let filled = min(width, width * done / total)
    // Green for what is done, grey for what is not, as Keras has it.
    line =
      "\u{1B}[1m\(number)\u{1B}[0m \u{1B}[32m" + String(repeating: "━", count: filled) + "\u{1B}[0m\u{1B}[37m"
      + String(repeating: "━", count: width - filled) + "\u{1B}[0m"
    let rest = isLast ? elapsed : elapsed / Double(max(done, 1)) * Double(total - done)
    line += " \u{1B}[1m\(readableTime(rest))\u{1B}[0m \(perStep(elapsed, done))"
  } else {
    line =
      "\u{1B}[1m\(done)/Unknown\u{1B}[0m \u{1B}[1m\(readableTime(elapsed))\u{1B}[0m \(perStep(elapsed, done))"
  }
  // What stood there before may have been longer.
  return line + " - \(logs)\u{1B}[K"
}

private func readableTime(_ seconds: Double) -> String {
  let whole = Int(seconds.isFinite ? seconds : 0)
  func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  if whole >= 3600 { return "\(whole / 3600):\(two(whole % 3600 / 60)):\(two(whole % 60))" }
  if whole >= 60 { return "\(whole / 60):\(two(whole % 60))" }
  return "\(whole)s"
}

private func perStep(_ elapsed: Double, _ done: Int) -> String {
  let seconds = elapsed / Double(max(done, 1))
  if seconds >= 1 || seconds == 0 { return "\(Int(seconds.rounded()))s/step" }
  if seconds >= 1e-3 { return "\(Int((seconds * 1e3).rounded()))ms/step" }
  return "\(Int((seconds * 1e6).rounded()))us/step"
}

/// Four decimals, or an exponent where those say nothing.
func progressNumber(_ number: Double) -> String {
  abs(number) > 1e-3 || number == 0 ? fixed(number, decimals: 4) : exponential(number, decimals: 4)
}

import Glibc
import KerasCore
import Synchronization

/// Draws what the store is doing on standard error, one line that changes. Where that is no terminal, only what
/// a person should know is written, a line each: ``StoreEvent/notice``.
///
/// ```swift
/// let store = WeightStore(onEvent: ProgressBar().handle)
/// ```
public final class ProgressBar: Sendable {
  private struct State {
    var name = ""
    var rate = TransferRate()
    var startedAt = 0
  }

  private let state = Mutex(State())
  private let isTerminal = isatty(STDERR_FILENO) == 1

  public init() {}

  @Sendable
  public func handle(_ event: StoreEvent) {
    guard isTerminal else {
      if let notice = event.notice { show(notice + "\n") }
      return
    }
    let now = monotonicNanoseconds()
    let text = state.withLock { state -> String in
      switch event {
      case .waiting: return note(event.notice ?? "")
      case .started(let name, let url, let resumedAt):
        let isNew = state.name != name
        if isNew { (state.name, state.startedAt) = (name, now) }
        state.rate = TransferRate(byteCount: resumedAt, at: now)
        return isNew ? note("fetching \(url.escaped)") + "\n" : ""
      case .received(let name, let byteCount, let total):
        state.rate.update(byteCount: byteCount, at: now)
        return note(
          ProgressLine(name: name, byteCount: byteCount, total: total, bytesPerSecond: state.rate.value)
            .text(columns: terminalColumns()))
      case .retrying, .startedOver, .skipped, .movedAside, .passedOver:
        return note(event.notice ?? "") + "\n"
      case .verifying(let name): return note("checking \(name)")
      case .finished(let name, _, let byteCount):
        let seconds = Double(now - state.startedAt) / 1e9
        state.name = ""
        return note("\(name): \(megabytes(byteCount)) MB in \(durationText(seconds))") + "\n"
      case .failed:
        state.name = ""
        return note("")
      }
    }
    show(text)
  }

  private func show(_ text: String) {
    let bytes = Array(text.utf8)
    // A terminal that is gone is no reason to stop.
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }

  /// Takes the place of the line.
  private func note(_ text: String) -> String { "\r\u{1B}[K" + text }

  private func terminalColumns() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

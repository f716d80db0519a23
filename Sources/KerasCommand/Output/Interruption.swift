import Glibc
import Keras
import Synchronization

/// Ctrl-C leaves no half line behind: the line that changes is wiped, and the process ends as the signal wants, which
/// a shell sees as exit code 130. Training has it wait for the end of a batch; a second one ends at once.
enum Interruption {
  /// The signal that waits to be obeyed; 0 for none.
  private static let waiting = Atomic<Int32>(0)

  /// Obeys signals at once.
  static func watch() {
    handle { signal in
      // Only calls that a signal's handler may make.
      let wiping: StaticString = "\r\u{1B}[K"
      if isatty(STDERR_FILENO) == 1 { _ = write(STDERR_FILENO, wiping.utf8Start, wiping.utf8CodeUnitCount) }
      Glibc.signal(signal, SIG_DFL)
      raise(signal)
    }
  }

  /// Only notes signals from now on, the first one.
  static func postpone() {
    // Made before a handler needs it.
    guard signal == nil else { return }
    handle { signal in
      Interruption.waiting.store(signal, ordering: .relaxed)
      Glibc.signal(signal, SIG_DFL)
    }
  }

  /// The signal that was noted.
  static var signal: Int32? {
    let signal = waiting.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  private static func handle(_ body: @escaping @convention(c) (Int32) -> Void) {
    for signal in [SIGINT, SIGTERM] {
      var present = sigaction()
      // Who started us may have us ignore it, as `nohup` and shells with jobs in the background do.
      guard sigaction(signal, nil, &present) == 0,
        unsafeBitCast(present.__sigaction_handler.sa_handler, to: Int.self) != ignored
      else { continue }
      var action = sigaction()
      action.__sigaction_handler.sa_handler = body
      sigaction(signal, &action, nil)
    }
  }

  /// What C calls `SIG_IGN`.
  private static let ignored = 1
}

/// Ends training after the batch in which a signal came.
final class InterruptionWatch: Callback {
  override func trainBegan() { Interruption.postpone() }
  override func trainBatchEnded(_ batch: Int, _ logs: Logs) { obey() }
  override func testBatchEnded(_ batch: Int, _ logs: Logs) { obey() }

  private func obey() { if Interruption.signal != nil { interruptTraining() } }
}

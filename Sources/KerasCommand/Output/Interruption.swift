import Glibc

/// Ctrl-C leaves no half line behind: the line that changes is wiped, and the process ends as the signal wants, which
/// a shell sees as exit code 130.
enum Interruption {
  static func watch() {
    for signal in [SIGINT, SIGTERM] {
      var present = sigaction()
      // Who started us may have us ignore it, as `nohup` and shells with jobs in the background do.
      guard sigaction(signal, nil, &present) == 0, present.__sigaction_handler.sa_handler == nil else {
        continue
      }
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { signal in
        // Only calls that a signal's handler may make.
        let wiping: StaticString = "\r\u{1B}[K"
        if isatty(STDERR_FILENO) == 1 { _ = write(STDERR_FILENO, wiping.utf8Start, wiping.utf8CodeUnitCount) }
        Glibc.signal(signal, SIG_DFL)
        raise(signal)
      }
      sigaction(signal, &action, nil)
    }
  }
}

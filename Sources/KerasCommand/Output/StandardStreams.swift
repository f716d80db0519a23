import Glibc

/// Results, for programs and people.
enum StandardOutput {
  /// Prints a line and hands it on at once when a person or a pipe is waiting for it.
  static func print(_ line: String) {
    write(line + "\n", to: STDOUT_FILENO)
  }
}

/// Progress and errors, for people.
enum StandardError {
  static func print(_ line: String) {
    write(line + "\n", to: STDERR_FILENO)
  }

  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

private func write(_ text: String, to descriptor: Int32) {
  var text = text
  text.withUTF8 { bytes in
    var written = 0
    while written < bytes.count {
      let count = Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      if count < 0 && errno == EINTR { continue }
      // Whoever read our output is gone (`| head`): stop quietly, as other tools do.
      guard count > 0 else { exit(descriptor == STDOUT_FILENO ? 0 : 1) }
      written += count
    }
  }
}

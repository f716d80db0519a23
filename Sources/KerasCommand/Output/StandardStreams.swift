import Glibc
import Keras

/// Results, for programs and people.
enum StandardOutput {
  /// Prints a line and hands it on at once: a person or a pipe may be waiting for it.
  static func print(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}

/// Progress and errors, for people.
enum StandardError {
  static func print(_ line: String) { show(line + "\n") }

  /// Writes as it is, without a newline.
  static func show(_ text: String) { write(text, to: STDERR_FILENO) }

  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

private func write(_ text: String, to descriptor: Int32) {
  var text = text
  text.withUTF8 { bytes in
    if !writeAll(UnsafeRawBufferPointer(bytes), to: descriptor) { giveUp(descriptor, errno) }
  }
}

/// Nobody reads our output any more.
private func giveUp(_ descriptor: Int32, _ code: Int32) -> Never {
  // A reader that has left (`| head`) is no news to anyone; a full disk is.
  if descriptor == STDOUT_FILENO, code != EPIPE {
    StandardError.print("error: Standard output cannot be written: \(String(cString: strerror(code))).")
  }
  exit(EXIT_FAILURE)
}

#if canImport(Glibc)
  import Glibc
#endif

/// What standard output is written to.
enum Terminal {
  /// Characters in a line: `COLUMNS` when it is a positive number, else the terminal's, else 80.
  static var columns: Int {
    if let text = getenv("COLUMNS"), let columns = Int(String(cString: text)), columns > 0 { return columns }
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

#if canImport(Glibc)
  import Glibc
#endif

/// Where sentences go that a person should read although nothing failed: weights that hold NaN, pixels in a
/// range no model expects.
public enum Warnings {
  /// Receives each warning; by default it goes to standard error, after `warning: `.
  @TaskLocal public static var handler: @Sendable (String) -> Void = { message in
    let line = Array("warning: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }

  package static func report(_ message: String) { handler(message) }
}

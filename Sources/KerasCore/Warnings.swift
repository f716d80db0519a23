#if canImport(Glibc)
  import Glibc
#endif

/// Where sentences go that a person should read although nothing failed: weights that hold NaN, pixels in a
/// range no model expects. By default they go to standard error, after `warning: `.
public enum Warnings {
  // A class, because optimised code crashes when a task-local value is a closure itself (Swift 6.3).
  private final class Receiver: Sendable {
    let receive: @Sendable (String) -> Void
    init(_ receive: @escaping @Sendable (String) -> Void) { self.receive = receive }
  }

  @TaskLocal private static var receiver = Receiver { message in
    let line = Array("warning: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }

  /// Runs `body` and gives `handler` each warning that comes up meanwhile.
  public static func withHandler<Result, Failure: Error>(
    _ handler: @escaping @Sendable (String) -> Void, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let outcome = $receiver.withValue(Receiver(handler)) {
      Swift.Result<Result, Failure> { () throws(Failure) in try body() }
    }
    return try outcome.get()
  }

  package static func report(_ message: String) { receiver.receive(message) }
}

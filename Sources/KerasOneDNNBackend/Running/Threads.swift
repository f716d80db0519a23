import KerasGraph
import KerasKernels

/// The OpenMP threads that oneDNN and our kernels share.
enum Threads {
  /// The CPUs this process may use.
  static let available = Int(kk_cpu_count())

  /// Runs `body` with at most `count` threads. The setting belongs to the calling thread, which gets its own back.
  static func limited<Result>(
    to count: Int?, _ body: () throws(KerasError) -> Result
  ) throws(KerasError) -> Result {
    guard let count else { return try body() }
    let before = kk_thread_count()
    kk_set_thread_count(Int32(count))
    defer { kk_set_thread_count(before) }
    return try body()
  }

  /// The number to use when `count` are asked for: never more than there are CPUs.
  ///
  /// - Throws: `invalidArgument` for a number below 1.
  static func checked(_ count: Int?) throws(KerasError) -> Int? {
    guard let count else { return nil }
    guard count > 0 else {
      throw KerasError(
        .invalidArgument, "A program needs at least one thread, found \(count).",
        remedy: "pass nil for one thread per core.")
    }
    return min(count, available)
  }
}

import KerasGraph
import KerasKernels

/// The OpenMP threads that oneDNN and our kernels share.
enum Threads {
  /// The CPUs this process may use.
  static let available = Int(kk_cpu_count())

  /// Runs `body` on `count` threads. The setting belongs to the calling thread, which gets its own back.
  static func using<Result>(
    _ count: Int, _ body: () throws(KerasError) -> Result
  ) throws(KerasError) -> Result {
    let before = kk_thread_count()
    kk_set_thread_count(Int32(count))
    defer { kk_set_thread_count(before) }
    return try body()
  }

  /// The number to use when `count` are asked for: never more than there are CPUs; nil asks for the number
  /// that OpenMP would use (one per CPU, unless `OMP_NUM_THREADS` says otherwise).
  ///
  /// - Throws: `invalidArgument` for a number below 1.
  static func number(for count: Int?) throws(KerasError) -> Int {
    guard let count else { return max(Int(kk_thread_count()), 1) }
    guard count > 0 else {
      throw KerasError(
        .invalidArgument, "A program needs at least one thread, found \(count).",
        remedy: "pass nil for one thread per core.")
    }
    return min(count, available)
  }

  /// Calls `body` with each number below `count`, on the threads set for the caller. What `body` calls uses
  /// one thread each.
  static func parallel(_ count: Int, _ body: (Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var job = Job(body: body)
      withUnsafeMutablePointer(to: &job) { job in
        kk_parallel(
          Int32(count),
          { job, chunk, _ in
            guard let job else { return }
            let before = kk_thread_count()
            kk_set_thread_count(1)
            job.assumingMemoryBound(to: Job.self).pointee.body(Int(chunk))
            kk_set_thread_count(before)
          }, job)
      }
    }
  }

  private struct Job {
    let body: (Int) -> Void
  }
}

import Glibc

/// Seconds since some moment; never set back.
package func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Speaks the protocol of `keras bench --interactive`: a line `{"prepare_s": …}` now; then each line of standard
/// input, a number of runs, is answered by `{"times_ms": […]}`.
package func takeTurns(preparedSince start: Double, run: () throws -> Void) throws {
  print("{\"prepare_s\": \(seconds() - start)}")
  fflush(nil)
  while let line = readLine() {
    var times: [Double] = []
    for _ in 0..<(Int(line) ?? 1) {
      let start = seconds()
      try run()
      times.append((seconds() - start) * 1000)
    }
    print("{\"times_ms\": \(times)}")
    fflush(nil)
  }
}

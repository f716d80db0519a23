import Dispatch
import Synchronization

/// Does pieces of work at the same time; which come first does not matter.
///
/// - Parameter workers: how many at once; nil for the number of processors.
func performTogether(_ count: Int, workers: Int?, _ body: @Sendable (Int) -> Void) {
  guard let workers else { return DispatchQueue.concurrentPerform(iterations: count, execute: body) }
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: max(min(workers, count), 0)) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
    }
  }
}

import Dispatch
import Synchronization

/// Makes things before they are asked for, in order, on a thread of its own; only so many wait at a time.
///
/// What is made does not depend on when it is taken.
package final class ReadAhead<Element: Sendable>: @unchecked Sendable {
  private struct State: Sendable {
    var ready: [Result<Element, KerasError>] = []
    var isOver = false
  }

  private let make: () throws(KerasError) -> Element?
  private let queue = DispatchQueue(label: "reading ahead")
  private let state = Mutex(State())
  /// Counts what is ready, and the end.
  private let arrivals = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - count: how many may wait.
  ///   - make: the next one, on another thread but never on two at once; nil at the end.
  package init(_ count: Int, _ make: @escaping () throws(KerasError) -> Element?) {
    self.make = make
    for _ in 0..<max(count, 1) { order() }
  }

  private func order() {
    queue.async { [self] in
      guard state.withLock({ !$0.isOver }) else { return }
      do throws(KerasError) {
        let element = try make()
        state.withLock {
          if let element { $0.ready.append(.success(element)) } else { $0.isOver = true }
        }
      } catch {
        state.withLock {
          $0.ready.append(.failure(error))
          $0.isOver = true
        }
      }
      arrivals.signal()
    }
  }

  /// The next one; nil after the last, and after an error.
  package func next() throws(KerasError) -> Element? {
    arrivals.wait()
    let next = state.withLock { $0.ready.isEmpty ? nil : $0.ready.removeFirst() }
    guard let next else {
      // Whoever asks again finds the end again.
      arrivals.signal()
      return nil
    }
    // Errors end it; so the next call finds the end.
    if state.withLock({ $0.isOver && $0.ready.isEmpty }) { arrivals.signal() }
    order()
    return try next.get()
  }
}

extension BatchStream {
  /// The same batches, made on another thread before they are asked for; at most `count` wait.
  public func readAhead(_ count: Int = 2) -> BatchStream {
    // Used by one thread at a time: the queue's.
    nonisolated(unsafe) let stream = self
    let reader = ReadAhead<Batch>(count) { () throws(KerasError) in try stream.next() }
    return BatchStream { () throws(KerasError) in try reader.next() }
  }
}

import Foundation
import KerasModels
import Synchronization
import Testing

/// The folder of numbers and texts that Keras made.
let goldens = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "Goldens")

/// What a person reads when `body` fails; nil when it does not.
func message(_ body: () throws(KerasError) -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return error.description
  }
}

/// Runs `body` in `count` threads at once, each with a stack of `stackSize` bytes, and throws the first error.
func inThreads(
  _ count: Int, stackSize: Int = 1 << 20, _ body: @escaping @Sendable (_ thread: Int) throws -> Void
) throws {
  let failures = Mutex<[any Error]>([])
  let finished = DispatchGroup()
  for number in 0..<count {
    finished.enter()
    let thread = Thread {
      do { try body(number) } catch { failures.withLock { $0.append(error) } }
      finished.leave()
    }
    thread.stackSize = stackSize
    thread.start()
  }
  finished.wait()
  if let error = failures.withLock({ $0.first }) { throw error }
}

/// The numbers `make_models.py` gives weights and inputs.
func pattern(_ shape: [Int], _ number: Int, scale: Float = 1, offset: Float = 0) -> Tensor {
  Tensor(uninitialized: shape, Float.self) { elements in
    for i in elements.indices {
      elements[i] = scale * Float(Double((i * 37 + number * 101 + 11) % 97) / 97 - 0.5) + offset
    }
  }
}

extension Model {
  /// Gives every weight its pattern.
  func fillWithPatterns() throws(KerasError) {
    for (number, variable) in weights.enumerated() {
      // A variance is positive.
      try variable.assign(pattern(variable.shape, number, offset: variable.name == "moving_variance" ? 1 : 0))
    }
  }
}

import KerasGraph
import Synchronization

/// Adds up how long the steps of a program take in one run, part of which several threads may do side by side.
package final class StepTimer: Sendable {
  private let state: Mutex<State>

  private struct State {
    var sums: [Double]
    var threads = 1
  }

  package init(stepCount: Int) { state = Mutex(State(sums: [Double](repeating: 0, count: stepCount))) }

  /// - Parameter threads: that take some rows each through all steps at the same time.
  package func countRuns(sideBySide threads: Int) { state.withLock { $0.threads = max(threads, 1) } }

  package func start() -> Laps { Laps() }

  package func add(_ laps: Laps) {
    state.withLock { state in
      for (index, seconds) in laps.seconds.enumerated() { state.sums[index] += seconds }
    }
  }

  /// What each step adds to a run.
  package var seconds: [Double] {
    state.withLock { state in state.sums.map { $0 / Double(state.threads) } }
  }

  /// The steps of one thread, one after the other.
  package struct Laps {
    fileprivate private(set) var seconds: [Double] = []
    private var last = ContinuousClock.now

    package mutating func finishStep() {
      let now = ContinuousClock.now
      seconds.append(last.duration(to: now).inSeconds)
      last = now
    }
  }
}

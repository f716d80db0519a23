import KerasGraph
import Synchronization

/// What a run found wrong in its numbers, which is looked at when somebody waits.
final class StepCheck: Sendable {
  private let checks: [RuntimeCheck]
  private let number, index: PlacedTensor
  private enum Finding {
    case open
    case fine
    case fault(KerasError)
  }
  private struct State {
    var finding = Finding.open
    /// Whether somebody got the error.
    var isTold = false
  }
  private let state = Mutex(State())

  init(_ checks: [RuntimeCheck], number: PlacedTensor, index: PlacedTensor) {
    (self.checks, self.number, self.index) = (checks, number, index)
  }

  /// Whether nobody needs to look any more: all was fine, or somebody was told.
  var isDone: Bool {
    state.withLock { state in
      if case .fine = state.finding { true } else { state.isTold }
    }
  }

  /// Waits for the run.
  ///
  /// - Throws: `invalidArgument` for an index outside its axis, each time.
  func examine() throws(KerasError) {
    try state.withLock { (state) throws(KerasError) in
      try find(&state)
      guard case .fault(let error) = state.finding else { return }
      state.isTold = true
      throw error
    }
  }

  /// Waits for the run; what it found is told later.
  func settle() throws(KerasError) { try state.withLock { (state) throws(KerasError) in try find(&state) } }

  private func find(_ state: inout State) throws(KerasError) {
    guard case .open = state.finding else { return }
    let number = try number.download().scalars(as: Int32.self)[0]
    if number == 0 {
      state.finding = .fine
    } else {
      state.finding = .fault(
        checks[Int(number) - 1].error(index: try index.download().scalars(as: Int32.self)[0]))
    }
  }
}

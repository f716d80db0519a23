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
  private let finding = Mutex(Finding.open)

  init(_ checks: [RuntimeCheck], number: PlacedTensor, index: PlacedTensor) {
    (self.checks, self.number, self.index) = (checks, number, index)
  }

  /// Whether somebody has looked.
  var isExamined: Bool { finding.withLock { if case .open = $0 { false } else { true } } }

  /// Waits for the run.
  ///
  /// - Throws: `invalidArgument` for an index outside its axis, each time.
  func examine() throws(KerasError) {
    try finding.withLock { (finding) throws(KerasError) in
      switch finding {
      case .fine: return
      case .fault(let error): throw error
      case .open:
        let number = try number.download().scalars(as: Int32.self)[0]
        guard number > 0 else {
          finding = .fine
          return
        }
        let error = checks[Int(number) - 1].error(index: try index.download().scalars(as: Int32.self)[0])
        finding = .fault(error)
        throw error
      }
    }
  }
}

import KerasGraph
import KerasModels
import Synchronization

/// A step that was started and may still be being computed. Its numbers are fetched when somebody looks.
final class StartedStep: Sendable {
  private struct Open: Sendable {
    let outputs: any PendingOutputs
    let meaning: StepMeaning
    /// Those of the batch, where labels may turn out to be no classes.
    let targets: [Tensor]
    let previous: StartedStep?
  }
  private enum State: Sendable {
    case open(Open)
    case read(Result<StepResult, KerasError>)
  }
  private let state: Mutex<State>
  private let notes: StepNotes

  /// - Parameter previous: the step before, which is read before this one, so that a fault is told of the step it is in.
  init(
    _ outputs: any PendingOutputs, _ meaning: StepMeaning, targets: [Tensor], after previous: StartedStep?,
    _ notes: StepNotes
  ) {
    let labels = meaning.classCounts.contains { $0 != nil } ? targets : []
    state = Mutex(.open(Open(outputs: outputs, meaning: meaning, targets: labels, previous: previous)))
    self.notes = notes
  }

  /// Whether somebody has looked.
  var isRead: Bool {
    state.withLock { if case .read = $0 { true } else { false } }
  }

  /// Waits for the step.
  ///
  /// - Throws: what went wrong in it or in one before it, with the place of that one; each time.
  func result() throws(KerasError) -> StepResult {
    try state.withLock { (state) throws(KerasError) in
      switch state {
      case .read(let result): return try result.get()
      case .open(let open):
        let result = Result { () throws(KerasError) in try read(open) }
        state = .read(result)
        return try result.get()
      }
    }
  }

  private func read(_ open: Open) throws(KerasError) -> StepResult {
    _ = try open.previous?.result()
    let result: StepResult
    do throws(KerasError) {
      result = open.meaning.result(of: try open.outputs.wait())
    } catch {
      let found = open.meaning.labelError(in: open.targets) ?? error
      throw notes.place.map(found.within) ?? found
    }
    notes.whenRead(result.loss)
    return result
  }
}

/// Who asks for a step, and what for.
struct StepNotes: Sendable {
  /// Where what goes wrong is said to be.
  var place: String?
  /// Is told the loss of the batch, once.
  var whenRead: @Sendable (Double) -> Void = { _ in }
}

/// The steps of one epoch or evaluation. The device computes one while the next batch is made ready: steps are started
/// one after the other, and each is read when a callback looks at its logs, or else a few steps later.
struct StepQueue {
  /// So many steps are left unread. The device always has work then, and holds no more batches than these.
  static let depth = 2

  private let trainer: Trainer
  private let model: Model
  private let isTraining: Bool
  private var unread: [StartedStep] = []
  private var last: StartedStep?

  init(_ trainer: Trainer, of model: Model, isTraining: Bool) {
    (self.trainer, self.model, self.isTraining) = (trainer, model, isTraining)
  }

  /// Starts a step.
  ///
  /// - Parameter batch: makes the batch fit the model.
  /// - Returns: what will be known after it.
  mutating func start(
    _ notes: StepNotes, _ batch: () throws(KerasError) -> Batch
  ) throws(KerasError) -> Logs {
    let step: StartedStep
    do throws(KerasError) {
      step = try trainer.start(try batch(), of: model, isTraining: isTraining, after: unread.last, notes)
    } catch {
      // What went wrong before comes first.
      _ = try unread.last?.result()
      throw notes.place.map(error.within) ?? error
    }
    unread.append(step)
    last = step
    return Logs(of: step)
  }

  /// The next batch, made ready while steps are computed. What went wrong in these comes first.
  func next(_ batch: () throws(KerasError) -> Batch?) throws(KerasError) -> Batch? {
    do throws(KerasError) { return try batch() } catch {
      _ = try finish()
      throw error
    }
  }

  /// Tells callbacks of the step started last, and reads what need not wait any longer.
  mutating func tell(
    _ callbacks: CallbackList, _ body: (Callback) throws -> Void
  ) throws(KerasError) {
    do throws(KerasError) {
      try callbacks.all(body)
    } catch {
      // A callback that missed its numbers, because the step had none to give.
      if let last, last.isRead { _ = try last.result() }
      throw error
    }
    while let first = unread.first, first.isRead || unread.count > Self.depth {
      unread.removeFirst()
      _ = try first.result()
    }
  }

  /// Waits for all steps.
  ///
  /// - Returns: what is known after the last; nil without any.
  func finish() throws(KerasError) -> Logs? { try last?.result().logs }
}

import KerasCore
import KerasModels

/// What else is done while a model is trained: a subclass overrides what it wants to hear of.
///
/// ```swift
/// final class Narrator: Callback {
///   override func epochEnded(_ epoch: Int, _ logs: inout Logs) { print("epoch \(epoch): \(logs)") }
/// }
/// ```
open class Callback {
  /// The model being trained or evaluated; nil outside.
  public internal(set) weak var model: Model?
  /// The number of the last epoch, as `fit` was told.
  public internal(set) var epochs = 1
  /// How many batches an epoch has; nil where nobody knows.
  public internal(set) var steps: Int?
  /// Whether this callback wants training to end, after the batch or epoch it is in.
  public private(set) var wantsToStop = false

  public init() {}

  open func trainBegan() throws {}
  open func trainEnded(_ logs: Logs) throws {}
  open func epochBegan(_ epoch: Int) throws {}
  /// - Parameter logs: what is known after the epoch; what a callback adds stands in the history.
  open func epochEnded(_ epoch: Int, _ logs: inout Logs) throws {}
  open func trainBatchBegan(_ batch: Int) throws {}
  /// - Parameter logs: what is known after the batch, which a device may still be computing: who looks waits for it.
  open func trainBatchEnded(_ batch: Int, _ logs: Logs) throws {}
  open func testBegan() throws {}
  open func testEnded(_ logs: Logs) throws {}
  open func testBatchBegan(_ batch: Int) throws {}
  /// - Parameter logs: as of ``trainBatchEnded(_:_:)``.
  open func testBatchEnded(_ batch: Int, _ logs: Logs) throws {}

  /// Ends training after the batch or epoch it is in.
  public final func stopTraining() { wantsToStop = true }

  /// Ends training after the batch it is in, as one who wants to go on later does: the epoch is not measured and
  /// stands in no history, and what ``BackupAndRestore`` kept stays.
  public final func interruptTraining() { (wantsToStop, isInterrupting) = (true, true) }
  final var isInterrupting = false
  /// Whether some callback did so: what is known at the end is then of a part of the data.
  public internal(set) final var isInterrupted = false

  /// What the callback has to know to go on where it was, by name: a ``BackupAndRestore`` keeps it after every epoch.
  open func savedState() -> [String: Tensor] { [:] }

  /// Goes on from a ``savedState()``; called after ``trainBegan()``.
  open func restore(_ state: [String: Tensor]) throws {}

  /// After the last epoch, before `fit` puts moving averages of weights in place.
  func epochsEnded() throws {}

  /// The epoch that training goes on with, where the callback knows better than `fit`; asked for after
  /// ``trainBegan()``.
  package var resumedEpoch: Int? { nil }

  final func begin(with model: Model, epochs: Int, steps: Int?) {
    self.model = model
    self.epochs = epochs
    self.steps = steps
    (wantsToStop, isInterrupting, isInterrupted) = (false, false, false)
  }
}

extension [String: Tensor] {
  /// The one number of this name.
  func number(_ name: String) -> Double? { self[name]?.scalars(as: Double.self).first }
}

/// The callbacks of one call of `fit` or `evaluate`, in order, with the history and the progress shown.
struct CallbackList {
  private let callbacks: [Callback]
  private let backups: [BackupAndRestore]

  init(
    _ callbacks: [Callback], of model: Model, verbosity: Verbosity, epochs: Int, steps: Int?,
    history: HistoryRecorder? = nil
  ) {
    var all = callbacks
    // What others add to the logs is shown and kept: these come last.
    if let progress = ProgressLogger(verbosity) { all.append(progress) }
    if let history { all.append(history) }
    // A backup is of what all others have come to.
    let backups = all.compactMap { $0 as? BackupAndRestore }
    let others = all.filter { !($0 is BackupAndRestore) }
    for backup in backups { backup.others = others }
    self.callbacks = others + backups
    self.backups = backups
    for callback in callbacks { callback.begin(with: model, epochs: epochs, steps: steps) }
  }

  func all(_ body: (Callback) throws -> Void) throws(KerasError) {
    try wrappingErrors { for callback in callbacks { try body(callback) } }
  }

  func trainBegan() throws(KerasError) {
    try all { try $0.trainBegan() }
    try wrappingErrors { for backup in backups { try backup.restoreOthers() } }
  }

  func trainEnded(_ logs: Logs) throws(KerasError) {
    noteInterruption()
    try all { try $0.trainEnded(logs) }
  }

  func testEnded(_ logs: Logs) throws(KerasError) {
    noteInterruption()
    try all { try $0.testEnded(logs) }
  }

  private func noteInterruption() { for callback in callbacks { callback.isInterrupted = isInterrupted } }

  func epochEnded(_ epoch: Int, _ logs: inout Logs) throws(KerasError) {
    var known = logs
    try all { try $0.epochEnded(epoch, &known) }
    logs = known
  }

  var isStopped: Bool { callbacks.contains { $0.wantsToStop } }

  var isInterrupted: Bool { callbacks.contains { $0.isInterrupting } }

  var resumedEpoch: Int? { callbacks.lazy.compactMap(\.resumedEpoch).first }
}

/// Keeps the numbers of every epoch.
final class HistoryRecorder: Callback {
  private(set) var history = History()

  override func epochEnded(_ epoch: Int, _ logs: inout Logs) { history.append(logs, epoch: epoch) }

  override func savedState() -> [String: Tensor] { history.arrays }
  override func restore(_ state: [String: Tensor]) { history = History(arrays: state) }
}

/// Closures in a callback's places.
public final class LambdaCallback: Callback {
  private let onEpochBegin: ((Int) throws -> Void)?
  private let onEpochEnd: ((Int, Logs) throws -> Void)?
  private let onTrainBegin: (() throws -> Void)?
  private let onTrainEnd: ((Logs) throws -> Void)?
  private let onTrainBatchBegin: ((Int) throws -> Void)?
  private let onTrainBatchEnd: ((Int, Logs) throws -> Void)?

  public init(
    onEpochBegin: ((Int) throws -> Void)? = nil, onEpochEnd: ((Int, Logs) throws -> Void)? = nil,
    onTrainBegin: (() throws -> Void)? = nil, onTrainEnd: ((Logs) throws -> Void)? = nil,
    onTrainBatchBegin: ((Int) throws -> Void)? = nil, onTrainBatchEnd: ((Int, Logs) throws -> Void)? = nil
  ) {
    self.onEpochBegin = onEpochBegin
    self.onEpochEnd = onEpochEnd
    self.onTrainBegin = onTrainBegin
    self.onTrainEnd = onTrainEnd
    self.onTrainBatchBegin = onTrainBatchBegin
    self.onTrainBatchEnd = onTrainBatchEnd
  }

  public override func epochBegan(_ epoch: Int) throws { try onEpochBegin?(epoch) }
  public override func epochEnded(_ epoch: Int, _ logs: inout Logs) throws { try onEpochEnd?(epoch, logs) }
  public override func trainBegan() throws { try onTrainBegin?() }
  public override func trainEnded(_ logs: Logs) throws { try onTrainEnd?(logs) }
  public override func trainBatchBegan(_ batch: Int) throws { try onTrainBatchBegin?(batch) }
  public override func trainBatchEnded(_ batch: Int, _ logs: Logs) throws {
    try onTrainBatchEnd?(batch, logs)
  }
}

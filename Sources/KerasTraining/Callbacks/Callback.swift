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
  open func trainBatchEnded(_ batch: Int, _ logs: Logs) throws {}
  open func testBegan() throws {}
  open func testEnded(_ logs: Logs) throws {}
  open func testBatchBegan(_ batch: Int) throws {}
  open func testBatchEnded(_ batch: Int, _ logs: Logs) throws {}

  /// Ends training after the batch or epoch it is in.
  public final func stopTraining() { wantsToStop = true }

  /// The epoch that training goes on with, where the callback knows better than `fit`; asked for after
  /// ``trainBegan()``.
  package var resumedEpoch: Int? { nil }

  final func begin(with model: Model, epochs: Int, steps: Int?) {
    self.model = model
    self.epochs = epochs
    self.steps = steps
    wantsToStop = false
  }
}

/// The callbacks of one call of `fit` or `evaluate`, in order, with the history and the progress shown.
struct CallbackList {
  private let callbacks: [Callback]

  init(
    _ callbacks: [Callback], of model: Model, verbosity: Verbosity, epochs: Int, steps: Int?,
    history: HistoryRecorder? = nil
  ) {
    var all = callbacks
    // What others add to the logs is shown and kept: these come last.
    if let progress = ProgressLogger(verbosity) { all.append(progress) }
    if let history { all.append(history) }
    for callback in all { callback.begin(with: model, epochs: epochs, steps: steps) }
    self.callbacks = all
  }

  func all(_ body: (Callback) throws -> Void) throws(KerasError) {
    try wrappingErrors { for callback in callbacks { try body(callback) } }
  }

  func epochEnded(_ epoch: Int, _ logs: inout Logs) throws(KerasError) {
    var known = logs
    try all { try $0.epochEnded(epoch, &known) }
    logs = known
  }

  var isStopped: Bool { callbacks.contains { $0.wantsToStop } }

  var resumedEpoch: Int? { callbacks.lazy.compactMap(\.resumedEpoch).first }
}

/// Keeps the numbers of every epoch.
final class HistoryRecorder: Callback {
  private(set) var history = History()

  override func epochEnded(_ epoch: Int, _ logs: inout Logs) { history.append(logs, epoch: epoch) }
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

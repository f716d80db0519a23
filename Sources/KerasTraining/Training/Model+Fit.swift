import KerasGraph
import KerasLayers
import KerasModels
import Synchronization

extension Model {
  /// Trains the model on data, epoch by epoch.
  ///
  /// - Parameters:
  ///   - data: batches; ``TensorData`` for tensors.
  ///   - epochs: the number of the last epoch, as Keras counts: from `initialEpoch` to this.
  ///   - initialEpoch: where training goes on, from 0.
  ///   - stepsPerEpoch: batches of an epoch; nil for all there are. With it, an epoch goes on where the one before
  ///     stopped, and data that ends begins anew.
  ///   - validationData: what the model is evaluated on after an epoch; its numbers have names with `val_`.
  ///   - validationInterval: after how many epochs each.
  ///   - classWeights: of samples by the class that their target names; 1 where nothing is said. For models of one
  ///     output, instead of weights of samples.
  ///   - devices: which devices share the samples of each batch from now on, of the kind that `compile` was told: `.all`, or
  ///     `[0, 2]`; nil for what it was told. Weights come out as on one device, but for rounding.
  ///   - callbacks: what else is done on the way, in this order.
  /// - Returns: loss and metrics of every epoch.
  /// - Throws: `shapeMismatch` where a batch does not fit, naming batch, input or target, what was expected and what
  ///   was found; `invalidArgument` for labels that are no class, for data that are no numbers, and without any batch.
  @discardableResult
  public func fit(
    _ data: any DataSource, epochs: Int = 1, initialEpoch: Int = 0, stepsPerEpoch: Int? = nil,
    validationData: (any DataSource)? = nil, validationSteps: Int? = nil, validationInterval: Int = 1,
    classWeights: [Int: Double]? = nil, devices: DeviceSelection? = nil, callbacks: [Callback] = [],
    verbosity: Verbosity = .automatic
  ) throws(KerasError) -> History {
    let trainer = try compiled(for: "be trained").moved(to: devices, of: self)
    self.trainer = trainer
    try require(
      validationInterval > 0, .invalidArgument,
      "The model is validated every so many epochs, from 1 up, found \(validationInterval).")
    let history = HistoryRecorder()
    let list = CallbackList(
      callbacks, of: self, verbosity: verbosity, epochs: epochs, steps: stepsPerEpoch ?? data.batchCount,
      history: history)
    var loop = TrainingLoop(
      model: self, trainer: trainer, data: data, stepsPerEpoch: stepsPerEpoch, classWeights: classWeights,
      callbacks: list)
    try list.trainBegan()
    var last = Logs()
    let first = list.resumedEpoch ?? initialEpoch
    if list.resumedEpoch != nil { try loop.skip(min(initialEpoch, first)..<first) }
    // Training that had ended when it was killed does not go on.
    let end = list.resumedEpoch != nil && list.isStopped ? first : max(epochs, first)
    for epoch in first..<end {
      try list.all { try $0.epochBegan(epoch) }
      var logs = try loop.run(epoch: epoch)
      if list.isInterrupted { break }
      if let validationData, (epoch + 1) % validationInterval == 0 {
        let found = try within("validation") { () throws(KerasError) in
          try evaluate(validationData, steps: validationSteps, callbacks: list, trainer)
        }
        if list.isInterrupted { break }
        logs.merge(found.prefixed("val_"))
      }
      last = logs
      try list.epochEnded(epoch, &last)
      if list.isStopped { break }
    }
    try list.all { try $0.epochsEnded() }
    for optimizer in trainer.compilation.optimizers { try optimizer.finalizeWeights(trainableWeights) }
    try list.trainEnded(last)
    return history.history
  }

  /// The same on tensors: `[samples, …]` each, one for each input and each output.
  ///
  /// - Parameters:
  ///   - sampleWeights: for all outputs, or one for each.
  ///   - shuffles: whether samples come in another order in every epoch, which `seed` decides.
  ///   - validationSplit: the share of the last samples that are kept for validation.
  @discardableResult
  public func fit(
    _ x: [Tensor], _ y: [Tensor], sampleWeights: [Tensor] = [], batchSize: Int = 32, epochs: Int = 1,
    initialEpoch: Int = 0, stepsPerEpoch: Int? = nil, shuffles: Bool = true, seed: UInt64 = 0,
    validationSplit: Double? = nil, validationData: (any DataSource)? = nil, validationSteps: Int? = nil,
    validationInterval: Int = 1, classWeights: [Int: Double]? = nil, devices: DeviceSelection? = nil,
    callbacks: [Callback] = [], verbosity: Verbosity = .automatic
  ) throws(KerasError) -> History {
    var data = try TensorData(
      x, y, sampleWeights: sampleWeights, batchSize: batchSize, shuffleSeed: shuffles ? seed : nil)
    var validation = validationData
    if let validationSplit, validationData == nil {
      let parts = try data.split(share: validationSplit)
      (data, validation) = (parts.training, parts.validation)
    }
    return try fit(
      data, epochs: epochs, initialEpoch: initialEpoch, stepsPerEpoch: stepsPerEpoch,
      validationData: validation,
      validationSteps: validationSteps, validationInterval: validationInterval, classWeights: classWeights,
      devices: devices, callbacks: callbacks, verbosity: verbosity)
  }

  /// The same for one input and one output.
  @discardableResult
  public func fit(
    _ x: Tensor, _ y: Tensor, sampleWeights: Tensor? = nil, batchSize: Int = 32, epochs: Int = 1,
    initialEpoch: Int = 0, stepsPerEpoch: Int? = nil, shuffles: Bool = true, seed: UInt64 = 0,
    validationSplit: Double? = nil, validationData: (any DataSource)? = nil, validationSteps: Int? = nil,
    validationInterval: Int = 1, classWeights: [Int: Double]? = nil, devices: DeviceSelection? = nil,
    callbacks: [Callback] = [], verbosity: Verbosity = .automatic
  ) throws(KerasError) -> History {
    try fit(
      [x], [y], sampleWeights: sampleWeights.map { [$0] } ?? [], batchSize: batchSize, epochs: epochs,
      initialEpoch: initialEpoch, stepsPerEpoch: stepsPerEpoch, shuffles: shuffles, seed: seed,
      validationSplit: validationSplit, validationData: validationData, validationSteps: validationSteps,
      validationInterval: validationInterval, classWeights: classWeights, devices: devices,
      callbacks: callbacks, verbosity: verbosity)
  }
}

/// The epochs of one call of `fit`.
private struct TrainingLoop {
  let model: Model
  let trainer: Trainer
  let data: any DataSource
  let stepsPerEpoch: Int?
  let classWeights: [Int: Double]?
  let callbacks: CallbackList
  /// Where the epoch's next batch comes from; with a number of steps, the next epoch goes on with it.
  private var stream: BatchStream?
  private var passes = 0
  private let lossWatch = LossWatch()

  init(
    model: Model, trainer: Trainer, data: any DataSource, stepsPerEpoch: Int?, classWeights: [Int: Double]?,
    callbacks: CallbackList
  ) {
    self.model = model
    self.trainer = trainer
    self.data = data
    self.stepsPerEpoch = stepsPerEpoch
    self.classWeights = classWeights
    self.callbacks = callbacks
  }

  /// Goes to where an uninterrupted run would be: with a number of steps, past the batches of the epochs before.
  mutating func skip(_ epochs: Range<Int>) throws(KerasError) {
    guard let stepsPerEpoch else { return }
    for epoch in epochs {
      for _ in 0..<stepsPerEpoch {
        guard try nextBatch(inEpoch: epoch) != nil else { return }
      }
    }
  }

  mutating func run(epoch: Int) throws(KerasError) -> Logs {
    trainer.refresh(for: model)
    try trainer.resetMetrics(isTraining: true)
    if stepsPerEpoch == nil { stream = nil }
    var steps = StepQueue(trainer, of: model, isTraining: true)
    var number = 0
    while stepsPerEpoch.map({ number < $0 }) ?? true {
      let next = try steps.next { () throws(KerasError) in
        try within("epoch \(epoch)") { () throws(KerasError) in try nextBatch(inEpoch: epoch) }
      }
      guard let batch = next else { break }
      try callbacks.all { try $0.trainBatchBegan(number) }
      let logs = try steps.start(lossWatch.notes(epoch: epoch, batch: number)) { () throws(KerasError) in
        try model.fitted(batch).weighted(byClass: classWeights)
      }
      try steps.tell(callbacks) { try $0.trainBatchEnded(number, logs) }
      number += 1
      if callbacks.isStopped { break }
    }
    guard let logs = try steps.finish() else {
      throw KerasError(
        .invalidArgument, "There is no batch to train on.", path: ["epoch \(epoch)"],
        remedy: "check that the data holds samples.")
    }
    return logs
  }

  /// With a number of steps, data that is used up before the epoch is begins anew, in another order.
  private mutating func nextBatch(inEpoch epoch: Int) throws(KerasError) -> Batch? {
    let current: BatchStream
    if let stream { current = stream } else { current = try batches(inEpoch: epoch) }
    stream = current
    if let batch = try current.next() { return batch }
    guard stepsPerEpoch != nil else { return nil }
    passes += 1
    let anew = try batches(inEpoch: epoch + passes)
    stream = anew
    return try anew.next()
  }

  private func batches(inEpoch epoch: Int) throws(KerasError) -> BatchStream {
    try wrappingErrors { try data.batches(inEpoch: epoch) }
  }
}

/// Warns of the first loss that is no number.
private final class LossWatch: Sendable {
  private let hasWarned = Mutex(false)

  func notes(epoch: Int, batch: Int) -> StepNotes {
    StepNotes(place: "epoch \(epoch), batch \(batch)") { loss in
      guard !loss.isFinite, self.isFirst() else { return }
      Warnings.report(
        "The loss is \(loss) in batch \(batch) of epoch \(epoch): try a lower learning rate, or an optimizer "
          + "that clips gradients (OptimizerOptions.clipping).")
    }
  }

  private func isFirst() -> Bool {
    hasWarned.withLock { hasWarned in
      defer { hasWarned = true }
      return !hasWarned
    }
  }
}

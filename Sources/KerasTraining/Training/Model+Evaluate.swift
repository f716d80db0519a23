import KerasGraph
import KerasLayers
import KerasModels

extension Model {
  /// Loss and metrics of data, in inference mode.
  ///
  /// - Parameters:
  ///   - steps: how many batches; nil for all.
  ///   - verbosity: what is shown meanwhile.
  /// - Returns: by Keras' names: `loss`, each metric, and of several outputs `<output>_loss` and `<output>_<metric>`.
  /// - Throws: `shapeMismatch` where a batch does not fit, naming it; `invalidArgument` without any batch.
  public func evaluate(
    _ data: any DataSource, steps: Int? = nil, callbacks: [Callback] = [], verbosity: Verbosity = .automatic
  ) throws(KerasError) -> Logs {
    let trainer = try compiled(for: "be evaluated")
    let list = CallbackList(
      callbacks, of: self, verbosity: verbosity, epochs: 1, steps: steps ?? data.batchCount)
    return try evaluate(data, steps: steps, callbacks: list, trainer)
  }

  /// The same for tensors: `[samples, …]` each.
  public func evaluate(
    _ x: [Tensor], _ y: [Tensor], sampleWeights: [Tensor] = [], batchSize: Int = 32,
    callbacks: [Callback] = [],
    verbosity: Verbosity = .automatic
  ) throws(KerasError) -> Logs {
    try evaluate(
      TensorData(x, y, sampleWeights: sampleWeights, batchSize: batchSize), callbacks: callbacks,
      verbosity: verbosity)
  }

  /// The same for one input and one output.
  public func evaluate(
    _ x: Tensor, _ y: Tensor, sampleWeights: Tensor? = nil, batchSize: Int = 32, callbacks: [Callback] = [],
    verbosity: Verbosity = .automatic
  ) throws(KerasError) -> Logs {
    try evaluate(
      [x], [y], sampleWeights: sampleWeights.map { [$0] } ?? [], batchSize: batchSize, callbacks: callbacks,
      verbosity: verbosity)
  }

  func evaluate(
    _ data: any DataSource, steps: Int?, callbacks: CallbackList, _ trainer: Trainer
  ) throws(KerasError) -> Logs {
    trainer.refresh(for: self)
    try trainer.resetMetrics(isTraining: false)
    try callbacks.all { try $0.testBegan() }
    let stream = try wrappingErrors { try data.batches(inEpoch: 0) }
    var queue = StepQueue(trainer, of: self, isTraining: false)
    var number = 0
    while steps.map({ number < $0 }) ?? true,
      let batch = try queue.next({ () throws(KerasError) in try stream.next() })
    {
      try callbacks.all { try $0.testBatchBegan(number) }
      let logs = try queue.start(StepNotes(place: "evaluation batch \(number)")) { () throws(KerasError) in
        try fitted(batch)
      }
      try queue.tell(callbacks) { try $0.testBatchEnded(number, logs) }
      number += 1
      if callbacks.isInterrupted { break }
    }
    guard let logs = try queue.finish() else {
      throw KerasError(.invalidArgument, "There is no batch to evaluate.", path: [name])
    }
    try callbacks.testEnded(logs)
    return logs
  }
}

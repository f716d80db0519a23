import KerasGraph
import KerasLayers
import KerasModels

extension Model {
  /// Says how the model is trained: by which optimizer, to make which loss small, and what is measured meanwhile.
  ///
  /// ```swift
  /// try model.compile(
  ///   optimizer: .adam(learningRate: 1e-3), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
  /// ```
  /// Compiling again begins with new optimizer states and leaves weights alone. Where the model or a layer in it has the
  /// policy `mixed_float16`, the optimizer is wrapped in a ``LossScaleOptimizer``.
  ///
  /// - Parameters:
  ///   - loss: of every output; nil where layers add all there is.
  ///   - metrics: of the only output, or one for each.
  ///   - weightedMetrics: the same, with the weights of samples.
  ///   - otherOptimizers: those that a ``CustomTraining`` model's steps work with besides the first.
  ///   - options: where and how steps are computed.
  ///   - seed: of what is random in layers, such as dropout.
  /// - Throws: `unknownName` for a backend that is not there; `invalidArgument` for a setting that makes no sense, such as
  ///   a momentum above 1, naming it.
  public func compile(
    optimizer: Optimizer = .rmsprop(), loss: Loss? = nil, metrics: [Metric] = [],
    weightedMetrics: [Metric] = [], otherOptimizers: [Optimizer] = [],
    options: ComputeOptions = ComputeOptions(purpose: .throughput), seed: Int64 = 0
  ) throws(KerasError) {
    var compilation = Compilation(
      optimizer: optimizer, losses: loss.map { .all($0) } ?? .none,
      metrics: metrics.isEmpty ? .none : .all(metrics),
      weightedMetrics: weightedMetrics.isEmpty ? .none : .all(weightedMetrics))
    compilation.otherOptimizers = otherOptimizers
    try compile(compilation, options: options, seed: seed)
  }

  /// The same with a step of training of one's own; what is left out is as in Keras.
  ///
  /// ```swift
  /// let model = Sequential { Dense(units: 1) }
  /// try model.compile(optimizer: .sgd()) { step in
  ///   let error = try step.predictions().outputs[0] - step.targets[0]
  ///   let loss = (error * error).mean()
  ///   try step.minimize(loss)
  ///   try step.log("loss", loss)
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - otherOptimizers: those that the step works with besides the first. Backups hold what they keep, files of models
  ///     do not.
  ///   - testStep: what evaluation does; nil for loss and metrics.
  ///   - trainStep: see ``TrainingStep``. It is called once for every look of a batch, and recorded.
  public func compile(
    optimizer: Optimizer = .rmsprop(), loss: Loss? = nil, metrics: [Metric] = [],
    weightedMetrics: [Metric] = [], otherOptimizers: [Optimizer] = [],
    options: ComputeOptions = ComputeOptions(purpose: .throughput), seed: Int64 = 0,
    testStep: StepBody? = nil,
    trainStep: @escaping StepBody
  ) throws(KerasError) {
    var compilation = Compilation(
      optimizer: optimizer, losses: loss.map { .all($0) } ?? .none,
      metrics: metrics.isEmpty ? .none : .all(metrics),
      weightedMetrics: weightedMetrics.isEmpty ? .none : .all(weightedMetrics))
    compilation.otherOptimizers = otherOptimizers
    (compilation.trainStep, compilation.testStep) = (trainStep, testStep)
    try compile(compilation, options: options, seed: seed)
  }

  /// The same for several outputs, in their order.
  ///
  /// - Parameters:
  ///   - losses: nil for an output without one.
  ///   - lossWeights: what each loss is multiplied by in the sum; nil for 1.
  ///   - metrics: a list for each output.
  public func compile(
    optimizer: Optimizer = .rmsprop(), losses: [Loss?], lossWeights: [Double]? = nil,
    metrics: [[Metric]] = [],
    weightedMetrics: [[Metric]] = [], options: ComputeOptions = ComputeOptions(purpose: .throughput),
    seed: Int64 = 0
  ) throws(KerasError) {
    try compile(
      Compilation(
        optimizer: optimizer, losses: .list(losses), lossWeights: lossWeights.map { .list($0) } ?? .none,
        metrics: metrics.isEmpty ? .none : .list(metrics),
        weightedMetrics: weightedMetrics.isEmpty ? .none : .list(weightedMetrics)),
      options: options, seed: seed)
  }

  /// The same by the names of outputs.
  public func compile(
    optimizer: Optimizer = .rmsprop(), losses: [String: Loss], lossWeights: [String: Double] = [:],
    metrics: [String: [Metric]] = [:], weightedMetrics: [String: [Metric]] = [:],
    options: ComputeOptions = ComputeOptions(purpose: .throughput), seed: Int64 = 0
  ) throws(KerasError) {
    try compile(
      Compilation(
        optimizer: optimizer, losses: .named(losses), lossWeights: .named(lossWeights),
        metrics: .named(metrics),
        weightedMetrics: .named(weightedMetrics)),
      options: options, seed: seed)
  }

  /// The same by Keras' names: `compile(optimizer: "adam", loss: "mse", metrics: ["mae"])`.
  ///
  /// - Throws: also `unknownName`, with the nearest names.
  public func compile(
    optimizer: String, loss: String, metrics: [String] = [],
    options: ComputeOptions = ComputeOptions(purpose: .throughput), seed: Int64 = 0
  ) throws(KerasError) {
    var measured: [Metric] = []
    for name in metrics { measured.append(try .named(name)) }
    try compile(
      optimizer: .named(optimizer), loss: .named(loss), metrics: measured, options: options, seed: seed)
  }

  /// As a file of Keras says it: what stands under `compile_config`.
  ///
  /// - Throws: `unknownName` for what nobody registered, and what is wrong with settings.
  public func compile(
    config: JSONObject, options: ComputeOptions = ComputeOptions(purpose: .throughput), seed: Int64 = 0
  ) throws(KerasError) {
    try compile(Compilation(config), options: options, seed: seed)
  }

  func compile(
    _ compilation: Compilation, options: ComputeOptions, seed: Int64
  ) throws(KerasError) {
    try compilation.checkSettings()
    trainer = try Trainer(scalingLosses(compilation), options: options, seed: seed)
    trainingState = nil
  }

  /// As Keras does for a model of the policy `mixed_float16`, in which small gradients would vanish.
  private func scalingLosses(_ compilation: Compilation) -> Compilation {
    var compilation = compilation
    if holdsHalfPrecision, !(compilation.optimizer is LossScaleOptimizer) {
      compilation.optimizer = LossScaleOptimizer(compilation.optimizer)
    }
    return compilation
  }

  /// The optimizer that the model was compiled with; nil before.
  ///
  /// A model of a file that says how it was compiled goes on with the file's optimizer.
  public var optimizer: Optimizer? {
    if trainer == nil { try? compileFromFile() }
    return (trainer as? Trainer)?.compilation.optimizer
  }

  /// Whether ``compile(optimizer:loss:metrics:weightedMetrics:options:seed:)`` was called, or a file says how the model
  /// was compiled.
  public var isCompiled: Bool { trainer != nil || trainingState?.isCompiled == true }

  /// Goes on with what the file says, if it says something.
  private func compileFromFile() throws(KerasError) {
    guard let state = trainingState, state.isCompiled else { return }
    let trainer = try Trainer(
      scalingLosses(Compilation(state.compilation)), options: ComputeOptions(purpose: .throughput), seed: 0)
    try trainer.take(state.optimizerVariables, for: self)
    self.trainer = trainer
    trainingState = nil
  }

  func compiled(for what: String) throws(KerasError) -> Trainer {
    if trainer == nil {
      try within("compile_config") { () throws(KerasError) in try compileFromFile() }
    }
    guard let trainer = trainer as? Trainer else {
      throw KerasError(
        .invalidArgument, "The model is not compiled, and cannot \(what).", path: [name],
        remedy: "call compile(optimizer:loss:metrics:) first.")
    }
    return trainer
  }
}

extension Layer {
  /// Whether it, or a layer in it, computes in half precision on weights of single.
  fileprivate var holdsHalfPrecision: Bool {
    dataTypePolicy.name == "mixed_float16" || heldLayers.contains(where: \.holdsHalfPrecision)
  }
}

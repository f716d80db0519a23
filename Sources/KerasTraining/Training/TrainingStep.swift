import KerasGraph
import KerasLayers
import KerasModels

/// One step of training or evaluation, while it is recorded: what a `trainStep` of one's own is written with.
///
/// ```swift
/// let teacher = Sequential { Dense(units: 3) }
/// let student = Sequential { Dense(units: 3) }
/// try student.compile(optimizer: .adam(), metrics: [.accuracy]) { step in
///   let wanted = try Ops.softmax(step.call(teacher, step.inputs[0], training: false) / 2)
///   let predictions = try step.predictions()
///   let found = try Ops.softmax(predictions.outputs[0] / 2)
///   let loss = try Loss.klDivergence.record(wanted, found)
///   try step.minimize(loss)
///   try step.log("loss", loss)
///   try step.measure(predictions)
/// }
/// ```
/// It is called once for every look of a batch, not for every batch: what it records runs then.
public final class TrainingStep: StepContext {
  public let model: Model
  /// One for each output that has a loss or a metric, as data gives them.
  public let targets: [RecordedValue]
  /// As data gives them, `float32`.
  public let sampleWeights: [RecordedValue]
  /// The optimizer that the model was compiled with.
  public var optimizer: Optimizer { compilation.optimizer }

  private let compilation: Compilation
  private var slots: MetricSlots
  private var logNames = LogNames()
  /// What logs get after each step.
  private(set) var results: [(name: String, value: RecordedValue)] = []
  /// The numbers of the batch itself.
  private var logged: [(name: String, value: RecordedValue)] = []
  private var outputLosses: [(name: String, value: RecordedValue)] = []
  private(set) var classCounts: [Int?]

  init(
    _ recorder: StepRecorder, of model: Model, _ compilation: Compilation, isTraining: Bool,
    _ shape: BatchShape
  ) {
    self.model = model
    self.compilation = compilation
    let graph = recorder.graph
    let inputs = shape.inputs.map { graph[recorder.input($0)] }
    targets = shape.targets.map { graph[recorder.input($0)] }
    sampleWeights = shape.sampleWeights.map { graph[recorder.input($0)].cast(to: .float32) }
    classCounts = [Int?](repeating: nil, count: shape.targets.count)
    slots = MetricSlots(recorder: recorder, prefix: isTraining ? "train" : "test")
    super.init(recorder: recorder, isTraining: isTraining, inputs: inputs)
  }

  // MARK: What compile was told

  /// What a model gave, with the masks of its outputs.
  public struct Predictions {
    public var outputs: [RecordedValue]
    var masks: [RecordedValue?]

    /// - Parameter outputs: in the order of the model's.
    public init(_ outputs: [RecordedValue]) {
      self.outputs = outputs
      masks = outputs.map { _ in nil }
    }
  }

  /// What the model makes of ``StepContext/inputs``.
  ///
  /// - Throws: `shapeMismatch` where one does not fit.
  public func predictions() throws(KerasError) -> Predictions {
    var values: [Value] = []
    for input in inputs { values.append(try input.value) }
    let (outputs, masks) = try recorder.call(model, on: values)
    var predictions = Predictions(outputs.map { graph[$0] })
    predictions.masks = masks.map { $0.map { graph[$0] } }
    return predictions
  }

  /// Everything as the model was compiled: its loss is made small, logged and measured.
  public func runAsCompiled() throws(KerasError) {
    let predictions = try predictions()
    let loss = try loss(of: predictions)
    try log("loss", loss)
    try measure(predictions)
    if isTraining { try minimize(loss) }
  }

  /// The loss that the model was compiled with, weighted by samples and outputs, and what layers add to it.
  ///
  /// - Throws: what does not fit, naming the output; `invalidArgument` where there is no loss.
  public func loss(of predictions: Predictions) throws(KerasError) -> RecordedValue {
    var loss: RecordedValue?
    for (index, output) in try layout(of: predictions).outputs.enumerated() {
      guard let position = output.target, let rule = output.loss else { continue }
      let (target, prediction) = (targets[position], predictions.outputs[index].floatingPoint)
      let chosen = rule.resolved(target: try target.spec, prediction: try prediction.spec)
      if chosen is SparseCategoricalCrossentropy { classCounts[position] = try prediction.lengths.last }
      var value = try within(output.name) { () throws(KerasError) in
        try chosen.record(target, prediction, weights: weights(of: index), mask: predictions.masks[index])
      }
      // A loss without reduction counts as the sum of what it gives.
      if try value.rank > 0 { value = value.total() }
      outputLosses.append((output.name, value))
      if let factor = output.lossWeight { value = value * factor }
      loss = loss.map { $0 + value } ?? value
    }
    if let added = try recorder.addedLoss(of: model) {
      let value = graph[added].cast(to: .float32)
      loss = loss.map { $0 + value } ?? value
    }
    guard let loss else {
      throw KerasError(
        .invalidArgument, "There is no loss to make small.", path: [model.name],
        remedy: "give compile a loss for at least one output.")
    }
    return loss
  }

  /// Logs the metrics that the model was compiled with, those that layers add, and of several outputs each one's loss.
  ///
  /// - Throws: what does not fit, naming the output.
  public func measure(_ predictions: Predictions) throws(KerasError) {
    let layout = try layout(of: predictions)
    for isWeighted in [false, true] {
      for (index, output) in layout.outputs.enumerated() {
        guard let position = output.target else { continue }
        let prefix = layout.outputs.count > 1 ? output.name : nil
        for (number, metric) in (isWeighted ? output.weightedMetrics : output.metrics).enumerated() {
          let batch = MetricBatch(
            target: targets[position], prediction: predictions.outputs[index].floatingPoint.stopped,
            weights: isWeighted ? weights(of: index) : nil, mask: predictions.masks[index])
          let value = try within(output.name) { () throws(KerasError) in
            try slots.update(metric, with: batch, key: "\(index)/\(isWeighted ? "weighted " : "")\(number)")
          }
          results.append((logNames.next(metric.name, output: prefix, isWeighted: isWeighted), value))
        }
      }
    }
    // Of these, every batch counts once, however small: Keras does not know its size there.
    if outputLosses.count > 1 {
      for (name, value) in outputLosses { try logMean("\(name)_loss", value, weight: graph.number(1)) }
    }
    for (name, value) in recorder.addedMetrics {
      try logMean(name, graph[value].single, weight: graph.number(1))
    }
  }

  private func layout(of predictions: Predictions) throws(KerasError) -> StepLayout {
    let count = predictions.outputs.count
    let names = model.outputNames
    let layout = try StepLayout(
      compilation,
      names: names.count == count ? names : (0..<count).map { count == 1 ? "output" : "output_\($0 + 1)" },
      targetCount: targets.count)
    try require(
      [0, 1, count].contains(sampleWeights.count), .shapeMismatch,
      "Expected sample weights for all outputs or for each of \(count), found \(sampleWeights.count).")
    return layout
  }

  private func weights(of output: Int) -> RecordedValue? {
    sampleWeights.count > 1 ? sampleWeights[output] : sampleWeights.first
  }

  // MARK: Logs

  /// Shows a number, its mean over the epoch's samples, under `name` in logs and history; of several numbers, their mean.
  ///
  /// What is called `loss` is what is looked at to see whether training goes wrong.
  ///
  /// - Throws: the first error on the way to the value.
  public func log(_ name: String, _ value: RecordedValue) throws(KerasError) {
    let value = try value.single
    logged.append((name, value))
    try logMean(name, value, weight: graph.number(Double(sampleCount)))
  }

  /// Shows what a metric knows after the batch.
  ///
  /// - Parameter name: nil for the metric's own.
  /// - Throws: `shapeMismatch` where target and prediction do not fit.
  public func log(
    _ metric: Metric, _ target: RecordedValue, _ prediction: RecordedValue, weights: RecordedValue? = nil,
    name: String? = nil
  ) throws(KerasError) {
    let name = logNames.next(name ?? metric.name, output: nil)
    let batch = MetricBatch(target: target, prediction: prediction.floatingPoint.stopped, weights: weights)
    results.append((name, try slots.update(metric, with: batch, key: "logged \(name)")))
  }

  private func logMean(
    _ name: String, _ value: RecordedValue, weight: RecordedValue
  ) throws(KerasError) {
    let name = logNames.next(name, output: nil)
    results.append((name, try slots.mean(name, of: value, weight: weight)))
  }

  // MARK: Learning

  /// Makes a loss smaller: gradients by weights, and the optimizer's step.
  ///
  /// - Parameters:
  ///   - loss: one number; of several, their sum.
  ///   - variables: nil for all of the model's that can be trained.
  ///   - optimizer: nil for the model's; another must have been given to `compile`, too.
  /// - Throws: `notDifferentiable`; `invalidArgument` without weights, for an optimizer that `compile` does not know,
  ///   and in evaluation.
  public func minimize(
    _ loss: RecordedValue, by variables: [Variable]? = nil, with optimizer: Optimizer? = nil
  ) throws(KerasError) {
    let optimizer = try checked(optimizer)
    let variables = variables ?? model.trainableWeights
    try require(
      !variables.isEmpty, .invalidArgument, "The model has no weights to train.", path: [model.name],
      remedy: "set isTrainable of the layers that should learn.")
    try checkFree(variables)
    let gradients = try recorder.gradients(of: optimizer.scaled(loss, in: recorder).value, by: variables)
    try optimizer.apply(gradients, to: variables, in: recorder)
  }

  /// Lets an optimizer do its step with gradients that were changed on the way; see ``StepContext/gradients(of:by:)``.
  ///
  /// - Throws: as ``minimize(_:by:with:)``; `shapeMismatch` where gradients do not fit.
  public func apply(
    _ gradients: [RecordedValue], to variables: [Variable], with optimizer: Optimizer? = nil
  ) throws(KerasError) {
    let optimizer = try checked(optimizer)
    try Optimizer.check(try gradients.map { (gradient) throws(KerasError) in try gradient.spec }, variables)
    try checkFree(variables)
    var values: [Value] = []
    for gradient in gradients { values.append(try optimizer.scaled(gradient, in: recorder).value) }
    try optimizer.apply(values, to: variables, in: recorder)
  }

  /// What is frozen is part of the program, and nothing changes it.
  private func checkFree(_ variables: [Variable]) throws(KerasError) {
    let frozen = Set(model.frozenWeights.map(ObjectIdentifier.init))
    if let variable = variables.first(where: { frozen.contains(ObjectIdentifier($0)) }) {
      throw KerasError(
        .invalidArgument, "The step changes a weight that is frozen.", path: [variable.path],
        remedy: "name trainableWeights, or set isTrainable of its layer.")
    }
  }

  private func checked(_ optimizer: Optimizer?) throws(KerasError) -> Optimizer {
    try require(
      isTraining, .invalidArgument, "Evaluation changes no weights.", path: [model.name],
      remedy: "minimize losses in trainStep alone.")
    // Under mixed_float16 the one that compile was given is inside of one that scales losses.
    guard let optimizer, optimizer !== self.optimizer,
      optimizer !== (self.optimizer as? LossScaleOptimizer)?.inner
    else { return self.optimizer }
    try require(
      compilation.otherOptimizers.contains { $0 === optimizer }, .invalidArgument,
      "The model was not compiled with the optimizer `\(optimizer.name)`.", path: [model.name],
      remedy: "give it to compile(otherOptimizers:), so that what it keeps goes on with the model.")
    return optimizer
  }

  // MARK: The end

  /// The recorded step: the batch's own loss, then what logs get.
  func finish() throws(KerasError) -> RecordedTraining {
    let losses = logged.filter { $0.name == "loss" }
    let watched = (losses.isEmpty ? logged : losses).map(\.value)
    var values = [try watched.dropFirst().reduce(watched.first ?? graph.number(0)) { $0 + $1 }.value]
    var described: [(name: String, count: Int?)] = []
    for (name, value) in results {
      values.append(try value.value)
      described.append((name, try value.rank == 0 ? nil : value.lengths.reduce(1, *)))
    }
    return RecordedTraining(
      step: try recorder.finish(returning: values), names: described, metricSlots: slots.slots,
      classCounts: classCounts)
  }
}

extension RecordedValue {
  /// In single precision where it is stored in less: losses and metrics are computed in that.
  fileprivate var floatingPoint: RecordedValue {
    guard let type = try? spec.dataType, type != .float64 else { return self }
    return cast(to: .float32)
  }

  /// One number: the mean of several.
  fileprivate var single: RecordedValue {
    get throws(KerasError) { try rank > 0 ? floatingPoint.mean() : floatingPoint }
  }
}

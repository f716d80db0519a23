import KerasGraph
import KerasLayers
import KerasModels

/// What a batch looks like: every other look is a program of its own.
struct BatchShape: Hashable, Sendable {
  var inputs: [TensorSpec]
  var targets: [TensorSpec]
  var sampleWeights: [TensorSpec]

  init(_ batch: Batch) {
    inputs = batch.inputs.map(\.spec)
    targets = batch.targets.map(\.spec)
    sampleWeights = batch.sampleWeights.map(\.spec)
  }

  var sampleCount: Int { inputs.first?.shape.first.flatMap { $0 } ?? 0 }
}

/// A step of training or evaluation as it was recorded, and what its outputs mean.
struct RecordedTraining {
  let step: RecordedStep
  /// The names of the outputs that are numbers for logs, each with how many it is.
  let names: [(name: String, count: Int?)]
  /// The slots that are what metrics know, with their first values.
  let metricSlots: [StepSlot]
  /// How many classes the targets number `i` may name; nil where it names none.
  let classCounts: [Int?]
}

/// Records steps for one compiled model.
struct StepRecording {
  let model: Model
  let compilation: Compilation
  let isTraining: Bool
  let seed: Int64

  /// Forward, losses, metrics; in training backward and update, too.
  ///
  /// - Throws: what does not fit, naming the output; `notDifferentiable`.
  func record(_ shape: BatchShape) throws(KerasError) -> RecordedTraining {
    let trained = isTraining ? model.trainableWeights : []
    let recorder = StepRecorder(
      isTraining: isTraining, seed: isTraining ? seed : nil, constants: isTraining ? model.frozenWeights : [])
    let graph = recorder.graph
    let inputs = shape.inputs.map { recorder.input($0) }
    let targets = shape.targets.map { graph[recorder.input($0)] }
    let weights = shape.sampleWeights.map { graph[recorder.input($0)].cast(to: .float32) }
    let (predictions, masks) = try recorder.call(model, on: inputs)
    let names = outputNames(count: predictions.count)
    let layout = try StepLayout(compilation, names: names, targetCount: targets.count)
    try require(
      [0, 1, predictions.count].contains(weights.count), .shapeMismatch,
      "Expected sample weights for all outputs or for each of \(predictions.count), found \(weights.count).")

    var loss: RecordedValue?
    var logNames = LogNames()
    var results: [(name: String, value: RecordedValue)] = []
    var slots = MetricSlots(recorder: recorder, prefix: isTraining ? "train" : "test")
    var outputLosses: [(name: String, value: RecordedValue)] = []
    var classCounts = [Int?](repeating: nil, count: targets.count)
    let samples = graph.number(Double(shape.sampleCount))

    func weight(_ index: Int) -> RecordedValue? { weights.count > 1 ? weights[index] : weights.first }
    for (index, output) in layout.outputs.enumerated() {
      guard let position = output.target, let rule = output.loss else { continue }
      let (target, prediction) = (targets[position], graph[predictions[index]].floatingPoint)
      let chosen = rule.resolved(target: try target.spec, prediction: try prediction.spec)
      if chosen is SparseCategoricalCrossentropy { classCounts[position] = try prediction.lengths.last }
      var value = try within(output.name) { () throws(KerasError) in
        try chosen.record(
          target, prediction, weights: weight(index), mask: masks[index].map { graph[$0] })
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
    guard let total = loss else {
      throw KerasError(
        .invalidArgument, "There is no loss to make small.", path: [model.name],
        remedy: "give compile a loss for at least one output.")
    }
    results.append((logNames.next("loss", output: nil), try slots.mean("loss", of: total, weight: samples)))

    for isWeighted in [false, true] {
      for (index, output) in layout.outputs.enumerated() {
        guard let position = output.target else { continue }
        let prefix = layout.outputs.count > 1 ? output.name : nil
        for (number, metric) in (isWeighted ? output.weightedMetrics : output.metrics).enumerated() {
          let batch = MetricBatch(
            target: targets[position], prediction: graph[predictions[index]].floatingPoint.stopped,
            weights: isWeighted ? weight(index) : nil, mask: masks[index].map { graph[$0] })
          let value = try within(output.name) { () throws(KerasError) in
            try slots.update(
              metric, with: batch, key: "\(index)/\(isWeighted ? "weighted " : "")\(number)")
          }
          results.append((logNames.next(metric.name, output: prefix, isWeighted: isWeighted), value))
        }
      }
    }
    if outputLosses.count > 1 {
      // Every batch counts once, however small: Keras does not know its size there.
      for (name, value) in outputLosses {
        results.append(
          (
            logNames.next("\(name)_loss", output: nil),
            try slots.mean("\(name)_loss", of: value, weight: graph.number(1))
          ))
      }
    }
    if isTraining {
      try require(
        !trained.isEmpty, .invalidArgument, "The model has no weights to train.", path: [model.name],
        remedy: "set isTrainable of the layers that should learn.")
      let scaled = compilation.optimizer.scaled(total, in: recorder)
      let gradients = try recorder.gradients(of: scaled.value, by: trained)
      try compilation.optimizer.apply(gradients, to: trained, in: recorder)
    }

    var values = [try total.value]
    var described: [(name: String, count: Int?)] = []
    for (name, value) in results {
      values.append(try value.value)
      described.append((name, try value.rank == 0 ? nil : value.lengths.reduce(1, *)))
    }
    return RecordedTraining(
      step: try recorder.finish(returning: values), names: described, metricSlots: slots.slots,
      classCounts: classCounts)
  }

  private func outputNames(count: Int) -> [String] {
    let names = model.outputNames
    return names.count == count ? names : (0..<count).map { count == 1 ? "output" : "output_\($0 + 1)" }
  }
}

/// What metrics keep in a step's slots.
private struct MetricSlots {
  let recorder: StepRecorder
  let prefix: String
  private(set) var slots: [StepSlot] = []

  init(recorder: StepRecorder, prefix: String) {
    self.recorder = recorder
    self.prefix = prefix
  }

  /// The result after the batch, of a metric resolved for it.
  mutating func update(
    _ metric: Metric, with batch: MetricBatch, key: String
  ) throws(KerasError) -> RecordedValue {
    let metric = metric.resolved(target: try batch.target.spec, prediction: try batch.prediction.spec)
    return try within(metric.name) { () throws(KerasError) in
      try wrappingErrors {
        let states = try metric.states(target: batch.target.spec, prediction: batch.prediction.spec)
        let kept = states.map { StepSlot(name: "metric \(prefix)/\(key)/\($0.name)", initial: $0.initial) }
        let before = kept.map { recorder.graph[recorder.slot($0.name, initial: $0.initial)] }
        let after = try metric.update(before, with: batch)
        for (slot, value) in zip(kept, after) { try recorder.assign(value.value, toSlot: slot.name) }
        slots += kept
        return try metric.result(after)
      }
    }
  }

  /// The mean so far of a number of each batch.
  mutating func mean(
    _ name: String, of value: RecordedValue, weight: RecordedValue
  ) throws(KerasError) -> RecordedValue {
    let kept = ["total", "count"].map {
      StepSlot(name: "metric \(prefix)/\(name)/\($0)", initial: Tensor(scalar: 0 as Float))
    }
    let before = kept.map { recorder.graph[recorder.slot($0.name, initial: $0.initial)] }
    let after = [before[0] + value * weight, before[1] + weight]
    for (slot, value) in zip(kept, after) { try recorder.assign(value.value, toSlot: slot.name) }
    slots += kept
    return after[0].dividedOrZero(by: after[1])
  }
}

extension RecordedValue {
  /// In single precision where it is stored in less: losses and metrics are computed in that.
  fileprivate var floatingPoint: RecordedValue {
    guard let type = try? spec.dataType, type != .float64 else { return self }
    return cast(to: .float32)
  }
}

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

  /// Forward, losses, metrics; in training backward and update, too: as compiled, or as the user says.
  ///
  /// - Throws: what does not fit, naming the output; `notDifferentiable`.
  func record(_ shape: BatchShape) throws(KerasError) -> RecordedTraining {
    let recorder = StepRecorder(
      isTraining: isTraining, seed: isTraining ? seed : nil, constants: isTraining ? model.frozenWeights : [])
    let step = TrainingStep(recorder, of: model, compilation, isTraining: isTraining, shape)
    if let body = isTraining ? compilation.trainStep : compilation.testStep {
      try wrappingErrors { try body(step) }
    } else if let model = model as? any CustomTraining {
      try wrappingErrors { try isTraining ? model.trainStep(step) : model.testStep(step) }
    } else {
      try step.runAsCompiled()
    }
    return try step.finish()
  }
}

/// What metrics keep in a step's slots.
struct MetricSlots {
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

import KerasGraph
import KerasLayers
import KerasModels
import Synchronization

/// A compiled model: its programs, one for each look of a batch, on states that stay where they are computed.
final class Trainer: ModelTrainer, Sendable {
  let compilation: Compilation
  let options: ComputeOptions
  /// Where random numbers begin, until a step keeps the position itself.
  private let seed: Mutex<Int64>
  private let states: ResidentStates

  private struct Key: Hashable {
    var shape: BatchShape
    var isTraining: Bool
  }
  private struct Prepared: Sendable {
    let session: StepSession
    let names: [(name: String, count: Int?)]
    let classCounts: [Int?]
  }
  private struct Programs {
    /// Most recently used last.
    var entries: [(key: Key, program: Prepared)] = []
    /// By name, what metrics are before the first batch.
    var metricSlots: [String: Tensor] = [:]
    /// What the model was when they were prepared.
    var model: ModelState?
  }
  /// What programs depend on besides the look of a batch.
  private struct ModelState: Equatable {
    /// Which weights change.
    var trained: [ObjectIdentifier]
    /// When its layers last changed.
    var structure: [Int]
    /// When a weight that is part of programs was last assigned.
    var frozen: Int
  }
  private let programs = Mutex(Programs())
  private static let capacity = 8

  /// - Throws: `unknownName` for a backend that is not there.
  init(_ compilation: Compilation, options: ComputeOptions, seed: Int64) throws(KerasError) {
    self.compilation = compilation
    self.options = options
    self.seed = Mutex(seed)
    states = ResidentStates(on: try options.chosenBackend())
    for optimizer in compilation.optimizers { optimizer.reside(in: states) }
  }

  /// What a step gave.
  struct StepResult {
    /// The batch's own loss.
    let loss: Double
    /// What is known so far in this epoch.
    let logs: Logs
  }

  /// Does one step.
  ///
  /// - Parameter batch: its inputs fit the model.
  func step(_ batch: Batch, of model: Model, isTraining: Bool) throws(KerasError) -> StepResult {
    let program = try program(for: batch, of: model, isTraining: isTraining)
    let results: [Tensor]
    do {
      results = try program.session.step(batch.inputs + batch.targets + batch.sampleWeights)
    } catch {
      throw labelError(batch, program.classCounts) ?? error
    }
    var logs = Logs()
    for (result, (name, count)) in zip(results.dropFirst(), program.names) {
      let numbers: [Double] = result.scalars()
      if count == nil {
        logs[name] = numbers[0]
      } else {
        for (index, number) in numbers.enumerated() { logs["\(name)[\(index)]"] = number }
      }
    }
    return StepResult(loss: results[0].scalars(as: Double.self)[0], logs: logs)
  }

  /// Lets metrics begin anew, as an epoch or an evaluation does.
  func resetMetrics(isTraining: Bool) throws(KerasError) {
    let prefix = "metric \(isTraining ? "train" : "test")/"
    for (name, initial) in programs.withLock({ $0.metricSlots }) where name.hasPrefix(prefix) {
      try states.assign(initial, toSlot: name)
    }
  }

  /// The position of random numbers, `int64 [1]`.
  func seedPosition() throws(KerasError) -> Tensor {
    try states.slot("seed") ?? Tensor([seed.withLock { $0 }])
  }

  /// Lets random numbers go on from a position.
  func setSeed(_ position: Tensor) throws(KerasError) {
    if try states.slot("seed") != nil { return try states.assign(position, toSlot: "seed") }
    if let number = position.scalars(as: Int64.self).first { seed.withLock { $0 = number } }
  }

  /// Notices what changed in the model since programs were prepared: frozen and thawed layers, frozen weights that were
  /// assigned. Before training, an epoch or an evaluation; not before every step.
  func refresh(for model: Model) {
    let state = ModelState(
      trained: model.trainableWeights.map(ObjectIdentifier.init), structure: model.structure,
      frozen: model.frozenWeights.reduce(0) { max($0, $1.lastAssignment) })
    programs.withLock { programs in
      if programs.model != state { programs.entries.removeAll() }
      programs.model = state
    }
  }

  private func program(for batch: Batch, of model: Model, isTraining: Bool) throws(KerasError) -> Prepared {
    let key = Key(shape: BatchShape(batch), isTraining: isTraining)
    let known = programs.withLock { programs -> Prepared? in
      guard let index = programs.entries.lastIndex(where: { $0.key == key }) else { return nil }
      let entry = programs.entries.remove(at: index)
      programs.entries.append(entry)
      return entry.program
    }
    if let known { return known }
    let recording = StepRecording(
      model: model, compilation: compilation, isTraining: isTraining,
      seed: seed.withLock { $0 })
    let recorded = try recording.record(key.shape)
    let session = try states.prepare(
      recorded.step,
      options: options.program)
    let program = Prepared(session: session, names: recorded.names, classCounts: recorded.classCounts)
    programs.withLock { programs in
      if programs.entries.count == Self.capacity { programs.entries.removeFirst() }
      programs.entries.append((key, program))
      for slot in recorded.metricSlots { programs.metricSlots[slot.name] = slot.initial }
    }
    return program
  }

  /// A target that names no class; nil where all do.
  private func labelError(_ batch: Batch, _ classCounts: [Int?]) -> KerasError? {
    for (index, (target, count)) in zip(batch.targets, classCounts).enumerated() {
      guard let count else { continue }
      let labels: [Double] = target.scalars()
      guard let place = labels.firstIndex(where: { !(0..<Double(count)).contains($0) }) else { continue }
      let rows = max(target.shape.first ?? 1, 1)
      return KerasError(
        .invalidArgument,
        "Expected class numbers from 0 to \(count - 1), found \(labelText(labels[place])) in sample "
          + "\(place / max(labels.count / rows, 1)).",
        path: ["target \(index)"],
        remedy: "give the model an output for every class, or number classes from 0.")
    }
    return nil
  }

  private func labelText(_ label: Double) -> String { Int(exactly: label).map(String.init) ?? "\(label)" }
}

extension Model {
  /// Weights of layers that are frozen: they are packed once, and nothing is differentiated by them.
  var frozenWeights: [Variable] {
    let changing = Set(trainableWeights.map(ObjectIdentifier.init))
    var found: [Variable] = []
    func collect(_ layer: Layer, isFrozen: Bool) {
      // Freezing a model freezes the layers in it, of which some may be thawed again.
      let isFrozen = !layer.isTrainable || isFrozen && !(layer is Model)
      if isFrozen {
        found += layer.ownWeights.filter { !$0.isState && !changing.contains(ObjectIdentifier($0)) }
      }
      for inner in layer.heldLayers { collect(inner, isFrozen: isFrozen && !(layer is Model)) }
    }
    collect(self, isFrozen: false)
    return found
  }
}

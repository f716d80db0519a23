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
    let meaning: StepMeaning
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

  /// - Parameter backend: computes; nil for the one that `options` choose.
  /// - Throws: `unknownName` for a backend that is not there.
  init(
    _ compilation: Compilation, options: ComputeOptions, seed: Int64, on backend: (any Backend)? = nil
  ) throws(KerasError) {
    self.compilation = compilation
    self.options = options
    self.seed = Mutex(seed)
    if let backend {
      states = ResidentStates(on: backend)
    } else {
      states = ResidentStates(on: try options.chosenBackend())
    }
    for optimizer in compilation.optimizers { optimizer.reside(in: states) }
  }

  /// This one, or one that goes on elsewhere: what optimizers keep and where random numbers are go along.
  ///
  /// - Parameter devices: of the kind on which steps are computed; nil for those there are.
  func moved(to devices: DeviceSelection?, of model: Model) throws(KerasError) -> Trainer {
    guard let devices, devices != options.devices else { return self }
    var elsewhere = options
    elsewhere.devices = devices
    guard try elsewhere.chosenBackend().name != states.backend.name else { return self }
    let kept = try snapshot(of: model)
    let trainer = try Trainer(compilation, options: elsewhere, seed: 0)
    try trainer.restore(kept, to: model)
    return trainer
  }

  /// Does one step, and waits for it.
  ///
  /// - Parameter batch: its inputs fit the model.
  func step(_ batch: Batch, of model: Model, isTraining: Bool) throws(KerasError) -> StepResult {
    try start(batch, of: model, isTraining: isTraining).result()
  }

  /// Starts one step.
  ///
  /// - Parameters:
  ///   - batch: its inputs fit the model.
  ///   - previous: the step before, if nobody may have looked at it.
  func start(
    _ batch: Batch, of model: Model, isTraining: Bool, after previous: StartedStep? = nil,
    _ notes: StepNotes = StepNotes()
  ) throws(KerasError) -> StartedStep {
    let program = try program(for: batch, of: model, isTraining: isTraining)
    do throws(KerasError) {
      return StartedStep(
        try program.session.start(batch.inputs + batch.targets + batch.sampleWeights), program.meaning,
        targets: batch.targets, after: previous, notes)
    } catch {
      throw program.meaning.labelError(in: batch.targets) ?? error
    }
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
    let program = Prepared(
      session: session, meaning: StepMeaning(names: recorded.names, classCounts: recorded.classCounts))
    programs.withLock { programs in
      if programs.entries.count == Self.capacity { programs.entries.removeFirst() }
      programs.entries.append((key, program))
      for slot in recorded.metricSlots { programs.metricSlots[slot.name] = slot.initial }
    }
    return program
  }
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

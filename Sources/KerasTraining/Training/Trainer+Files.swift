import KerasFiles
import KerasGraph
import KerasLayers
import KerasModels
import Synchronization

// What a trainer knows, as files hold it.
extension Trainer {
  func trainingState(of model: Model) throws(KerasError) -> TrainingState {
    var stored: [StoredWeight] = []
    for entry in entries(of: model) {
      stored.append(StoredWeight(name: entry.name, try compilation.optimizer.value(of: entry)))
    }
    return TrainingState(compilation: compilation.json, optimizerVariables: stored)
  }

  func optimizerSpecs(of model: Model) -> [TensorSpec] {
    compilation.optimizer.variables.isEmpty ? [] : entries(of: model).map(\.spec)
  }

  /// What the optimizer keeps, in the order of Keras' files; before the first step only what belongs to no weight.
  private func entries(of model: Model) -> [Optimizer.Entry] {
    let optimizer = compilation.optimizer
    let hasBegun = !optimizer.variables.isEmpty || optimizer.hasLoadedState
    return optimizer.entries(for: hasBegun ? model.trainableWeights : [])
  }

  /// Lets the optimizer go on from the numbers of a file: in Keras 3's order, in TF-Keras', which has no learning rate
  /// among them, or in that of Keras 2, which has the first slot of all weights, then the next.
  func take(_ variables: [StoredWeight], for model: Model) throws(KerasError) {
    guard !variables.isEmpty else { return }
    let optimizer = compilation.optimizer
    let entries = optimizer.entries(for: model.trainableWeights)
    let orders = [
      entries, entries.filter { !$0.isLearningRate }, entries.filter { !$0.isLearningRate }.bySlot,
    ]
    let fitting = orders.first { order in
      order.count == variables.count
        && zip(order, variables).allSatisfy { $0.spec.shape.known == $1.shape }
    }
    guard let fitting else {
      // What was saved before the first step says nothing that a new optimizer would not.
      guard variables.count > 2 else { return }
      return Warnings.report(
        "The file's \(variables.count) numbers of the optimizer \(optimizer.name) are not the \(entries.count) that it "
          + "keeps: it begins anew.")
    }
    for (stored, entry) in zip(variables, fitting) { try optimizer.assign(stored.tensor(), to: entry) }
  }

  // MARK: A run that may be interrupted

  private static let seedName = "seed"

  /// Everything that decides how training goes on.
  func snapshot(of model: Model) throws(KerasError) -> [String: Tensor] {
    var arrays: [String: Tensor] = [:]
    for (number, weight) in model.weights.enumerated() { arrays["weights/\(number)"] = weight.value }
    for (optimizer, name) in zip(compilation.optimizers, optimizerNames) {
      for (number, entry) in optimizer.entries(for: model.trainableWeights).enumerated() {
        arrays["\(name)/\(number)"] = try optimizer.value(of: entry)
      }
    }
    arrays[Self.seedName] = try seedPosition()
    return arrays
  }

  /// What each optimizer's numbers are called in a snapshot.
  private var optimizerNames: [String] {
    compilation.optimizers.indices.map { $0 == 0 ? "optimizer" : "optimizer_\($0)" }
  }

  /// Goes on from a ``snapshot(of:)``.
  ///
  /// - Throws: `weightsMismatch` for one of another model, which is then left alone.
  func restore(_ arrays: [String: Tensor], to model: Model) throws(KerasError) {
    func array(_ name: String, _ shape: [Int]?) throws(KerasError) -> Tensor {
      guard let tensor = arrays[name], tensor.shape == shape else {
        throw KerasError(
          .weightsMismatch, "The backup is of another model: it has no `\(name)` that fits.",
          remedy: "remove the file to begin anew.")
      }
      return tensor
    }
    let count = arrays.keys.count { $0.hasPrefix("weights/") }
    try require(
      count == model.weights.count, .weightsMismatch,
      "The backup holds \(count) weights, the model has \(model.weights.count).", path: [model.name],
      remedy: model.weights.isEmpty
        ? "give the model an Input, so that it has weights before training."
        : "remove the file to begin anew.")
    var values: [Tensor] = []
    for (number, weight) in model.weights.enumerated() {
      values.append(try array("weights/\(number)", weight.shape).converted(to: weight.dataType))
    }
    var kept: [(optimizer: Optimizer, entry: Optimizer.Entry, value: Tensor)] = []
    for (optimizer, name) in zip(compilation.optimizers, optimizerNames) {
      for (number, entry) in optimizer.entries(for: model.trainableWeights).enumerated() {
        kept.append((optimizer, entry, try array("\(name)/\(number)", entry.spec.shape.known)))
      }
    }
    for (weight, value) in zip(model.weights, values) { try weight.assign(value) }
    for (optimizer, entry, value) in kept { try optimizer.assign(value, to: entry) }
    if let position = arrays[Self.seedName] { try setSeed(position) }
  }
}

extension Optimizer.Entry {
  fileprivate var slot: Substring { key.split(separator: "/").last ?? "" }
  fileprivate var isLearningRate: Bool { slot == "learning_rate" }
}

extension [Optimizer.Entry] {
  /// Slot by slot instead of weight by weight.
  fileprivate var bySlot: [Optimizer.Entry] {
    let slots = map(\.slot).reduce(into: [Substring]()) { if !$0.contains($1) { $0.append($1) } }
    return slots.flatMap { slot in filter { $0.slot == slot } }
  }
}

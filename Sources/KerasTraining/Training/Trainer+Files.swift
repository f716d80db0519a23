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

  /// What the optimizer keeps, in the order of Keras' files; before the first step only what belongs to no weight.
  private func entries(of model: Model) -> [Optimizer.Entry] {
    let optimizer = compilation.optimizer
    let hasBegun = !optimizer.variables.isEmpty || optimizer.hasLoadedState
    return optimizer.entries(for: hasBegun ? model.trainableWeights : [])
  }

  /// Lets the optimizer go on from the numbers of a file.
  func take(_ variables: [StoredWeight], for model: Model) throws(KerasError) {
    guard !variables.isEmpty else { return }
    let optimizer = compilation.optimizer
    let entries = optimizer.entries(for: model.trainableWeights)
    guard variables.count == entries.count else {
      // What was saved before the first step says nothing that a new optimizer would not.
      guard variables.count > 2 else { return }
      return Warnings.report(
        "The file has \(variables.count) numbers of the optimizer \(optimizer.name), which keeps \(entries.count): it "
          + "begins anew.")
    }
    for (stored, entry) in zip(variables, entries) { try optimizer.assign(stored.tensor(), to: entry) }
  }

  // MARK: A run that may be interrupted

  private static let seedName = "seed"

  /// Everything that decides how training goes on.
  func snapshot(of model: Model) throws(KerasError) -> [String: Tensor] {
    var arrays: [String: Tensor] = [:]
    for (number, weight) in model.weights.enumerated() { arrays["weights/\(number)"] = weight.value }
    for (number, entry) in compilation.optimizer.entries(for: model.trainableWeights).enumerated() {
      arrays["optimizer/\(number)"] = try compilation.optimizer.value(of: entry)
    }
    arrays[Self.seedName] = try seedPosition()
    return arrays
  }

  /// Goes on from a ``snapshot(of:)``.
  ///
  /// - Throws: `weightsMismatch` for one of another model, which is then left alone.
  func restore(_ arrays: [String: Tensor], to model: Model) throws(KerasError) {
    let optimizer = compilation.optimizer
    let entries = optimizer.entries(for: model.trainableWeights)
    func array(_ name: String, _ shape: [Int]?) throws(KerasError) -> Tensor {
      guard let tensor = arrays[name], tensor.shape == shape else {
        throw KerasError(
          .weightsMismatch, "The backup is of another model: it has no `\(name)` that fits.",
          remedy: "remove the file to begin anew.")
      }
      return tensor
    }
    var values: [Tensor] = []
    for (number, weight) in model.weights.enumerated() {
      values.append(try array("weights/\(number)", weight.shape).converted(to: weight.dataType))
    }
    var kept: [Tensor] = []
    for (number, entry) in entries.enumerated() {
      kept.append(try array("optimizer/\(number)", entry.spec.shape.known))
    }
    for (weight, value) in zip(model.weights, values) { try weight.assign(value) }
    for (entry, value) in zip(entries, kept) { try optimizer.assign(value, to: entry) }
    if let position = arrays[Self.seedName] { try setSeed(position) }
  }
}

import KerasBackendTestSupport
import Foundation
import KerasModels
import KerasTestSupport
import Testing

/// Every case of kind `saved_model`: files that some Keras wrote open, give its numbers, and survive being written
/// again in every format.
@Suite struct SavedModelGoldenTests {
  struct Run: Sendable, CustomTestStringConvertible {
    let golden: GoldenCase
    let backend: String
    var testDescription: String { "\(golden.testDescription) on \(backend)" }
  }
  static let cases = GoldenFiles.all.filter { $0.kind == "saved_model" }

  @Test(arguments: cases.flatMap { golden in backendsUnderTest.map { Run(golden: golden, backend: $0.name) } })
  func predicts(_ run: Run) {
    GoldenReport.run(run.golden, on: run.backend) {
      let golden = run.golden
      let model = try Self.load(golden)
      try Self.compareWeights(of: model, golden)
      let outputs = try model.predict(golden.modelInputs(model), options: ComputeOptions(backend: run.backend))
      let names = try golden.names(in: "outputs")
      guard names.count == outputs.count else {
        throw GoldenError("expected \(names.count) outputs, found \(outputs.count)")
      }
      for (index, output) in outputs.enumerated() { try golden.expect(output, equals: "outputs/\(index)") }
    }
  }

  /// File → model → file → model keeps every bit of every weight, and the architecture.
  @Test(arguments: cases)
  func survivesWriting(_ golden: GoldenCase) {
    GoldenReport.run(golden, on: "written again") {
      let model = try Self.load(golden)
      let folder = FileManager.default.temporaryDirectory.appending(path: "keras-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      for name in ["model.keras", "model.h5"] {
        let path = folder.appending(path: name).path
        try model.save(to: path)
        let again = try Model.load(from: path)
        try Self.expectSameWeights(model, again, name)
        guard again.toJSON() == model.toJSON() else { throw GoldenError("\(name): another architecture") }
        try Self.expectSameTraining(model, again, name)
      }
      for name in ["w.weights.h5", "w.h5"] {
        let path = folder.appending(path: name).path
        try model.saveWeights(to: path)
        let again = try model.clone()
        if !again.isBuilt, again.inputs.isEmpty { _ = try again.predict(golden.modelInputs(model)) }
        try again.loadWeights(from: path)
        try Self.expectSameWeights(model, again, name)
      }
    }
  }

  static func load(_ golden: GoldenCase) throws -> Model {
    let path = golden.folder.appending(path: try golden.text("file")).path
    switch try golden.text("saved_as") {
    case "keras", "h5", "tf_keras_h5", "tf_keras_keras": return try Session.withFresh { try Model.load(from: path) }
    case let kind:
      let version = kind.hasPrefix("tf_keras") ? KerasVersion.keras2 : .keras3
      let model = try Session.withFresh {
        try Model.fromConfig(JSON(parsing: golden.text("config")), version: version)
      }
      if model.inputs.isEmpty { _ = try model.predict(golden.modelInputs(model)) }
      try model.loadWeights(from: path)
      return model
    }
  }

  private static func compareWeights(of model: Model, _ golden: GoldenCase) throws {
    let want = try golden.tensors(in: "weights")
    guard !want.isEmpty else { return }
    let weights = model.weights
    guard weights.count == want.count else {
      throw GoldenError("expected \(want.count) weights, found \(weights.count)")
    }
    for (index, weight) in weights.enumerated() {
      guard weight.value.shape == want[index].shape,
        weight.value.scalars(as: Double.self) == want[index].scalars(as: Double.self)
      else { throw GoldenError("weight \(index) (\(weight.path)) is another") }
    }
    let state = try golden.tensors(in: "optimizer_state")
    guard !state.isEmpty else { return }
    let found = try (model.trainingState?.optimizerVariables ?? []).map { try $0.tensor() }
    guard found.count == state.count,
      zip(found, state).allSatisfy({ $0.scalars(as: Double.self) == $1.scalars(as: Double.self) })
    else { throw GoldenError("the optimizer's state: expected \(state.count) arrays, found \(found.count)") }
  }

  private static func expectSameWeights(_ a: Model, _ b: Model, _ what: String) throws {
    let (first, second) = (a.weights, b.weights)
    guard first.count == second.count else { throw GoldenError("\(what): another number of weights") }
    for (x, y) in zip(first, second) {
      let isSame = x.value.withUnsafeBytes { x in y.value.withUnsafeBytes { y in x.elementsEqual(y) } }
      guard x.path == y.path, x.value.spec == y.value.spec, isSame else {
        throw GoldenError("\(what): \(x.path) is not \(y.path) bit by bit")
      }
    }
  }

  private static func expectSameTraining(_ a: Model, _ b: Model, _ what: String) throws {
    let before = try (a.trainingState?.optimizerVariables ?? []).map { try $0.tensor().scalars(as: Double.self) }
    let after = try (b.trainingState?.optimizerVariables ?? []).map { try $0.tensor().scalars(as: Double.self) }
    guard before == after else { throw GoldenError("\(what): the optimizer's state is another") }
  }
}

extension GoldenCase {
  /// The inputs in the types the model takes.
  fileprivate func modelInputs(_ model: Model) throws -> [Tensor] {
    try tensors(in: "inputs").enumerated().map { index, tensor in
      model.inputs.indices.contains(index) ? tensor.converted(to: model.inputs[index].dataType) : tensor
    }
  }
}

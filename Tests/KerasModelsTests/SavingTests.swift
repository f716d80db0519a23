import Foundation
import KerasModels
import Synchronization
import Testing

@Suite struct SavingTests {
  final class Unregistered: Layer, @unchecked Sendable {
    override func call(_ x: Value, in context: CallContext) throws(KerasError) -> Value { x }
  }

  /// What a person is told when the model goes into a file with this ending.
  private func warnings(whenSaving model: Model, as ending: String) throws -> [String] {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).\(ending)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let heard = Mutex<[String]>([])
    try Warnings.withHandler({ text in heard.withLock { $0.append(text) } }) { () throws(KerasError) in
      try model.save(to: path)
    }
    return heard.withLock { $0 }
  }

  @Test(arguments: ["keras", "h5", "json"]) func whatCannotBeReadAgainIsSaid(_ ending: String) throws {
    let x = Input(shape: [2])
    let lambda = Lambda(name: "twice") { x, graph throws(KerasError) in try graph.add(x, x) }
    let inner = Sequential([Unregistered(name: "own")], name: "inner")
    let model = try Model(inputs: x, outputs: inner(lambda(x)))
    #expect(
      try Set(warnings(whenSaving: model, as: ending)) == [
        "The function of the layer `twice` has no name, so the file does not say what it computes: register it with "
          + "Lambda.register, and make the layer of that name.",
        "The class `Unregistered` of the layer `own` is not registered, so the file cannot be read again: register "
          + "it with Layers.register(\"Unregistered\").",
      ])
  }

  @Test func whatCanBeReadAgainIsNotMentioned() throws {
    let x = Input(shape: [2])
    let y = Bidirectional(LSTM(units: 2))(try Ops.reshape(Dense(units: 4, activation: .relu)(x), to: [-1, 2, 2]))
    #expect(try warnings(whenSaving: Model(inputs: x, outputs: y), as: "keras") == [])
  }

  /// Layers go together by name; what the file has under other names is left alone, and so is what it lacks.
  @Test func weightsByName() throws {
    func model(_ last: Layer) -> Sequential { Sequential([InputLayer(batchShape: [nil, 2]), Dense(units: 3, name: "first"), last]) }
    let (saved, loaded) = (model(Dense(units: 4, name: "old")), model(Dense(units: 5, name: "new")))
    for (number, weight) in saved.weights.enumerated() {
      try weight.assign(Tensor(repeating: Float(number + 1), shape: weight.shape))
    }
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).h5").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try saved.saveWeights(to: path)
    let untouched = loaded.weights[2].value.scalars(as: Float.self)
    try loaded.loadWeightsByName(from: path)
    #expect(loaded.weights[0].value.scalars() == [Float](repeating: 1, count: 6))
    #expect(loaded.weights[1].value.scalars() == [2, 2, 2] as [Float])
    #expect(loaded.weights[2].value.scalars() == untouched)

    // A layer of the name with another shape: nothing is taken, or all but that.
    let other = Sequential([InputLayer(batchShape: [nil, 2]), Dense(units: 3, name: "first"), Dense(units: 5, name: "old")])
    let before = other.weights[0].value.scalars(as: Float.self)
    let error = #expect(throws: KerasError.self) { try other.loadWeightsByName(from: path) }
    #expect(error?.kind == .weightsMismatch)
    #expect(other.weights[0].value.scalars() == before)
    Warnings.withHandler({ _ in }) {
      #expect(throws: Never.self) { try other.loadWeightsByName(from: path, skipsMismatches: true) }
    }
    #expect(other.weights[0].value.scalars() == [Float](repeating: 1, count: 6))
  }
}

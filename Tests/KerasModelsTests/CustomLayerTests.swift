import Foundation
import KerasModels
import Testing

/// The layers that `Documentation/CustomLayers.md` shows, as it shows them.
@Suite struct CustomLayerTests {
  final class Antirectifier: Layer, @unchecked Sendable {
    override func call(_ input: Value, in context: CallContext) throws -> Value {
      let x = context[input]
      let scaled = try Ops.normalize(x - x.mean(axis: -1, keepsDimensions: true))
      return try Ops.concatenate([Ops.relu(scaled), Ops.relu(-scaled)]).value
    }
  }

  final class Gate: Layer, @unchecked Sendable {
    let sharpness: Double

    init(sharpness: Double = 1, name: String? = nil) {
      self.sharpness = sharpness
      super.init(name: name)
    }

    override var config: JSONObject { ["sharpness": .number(sharpness)] }

    override func build(for inputs: [TensorSpec]) throws {
      addWeight("balance", shape: [try knownLength(-1, of: inputs[0])], initializer: .zeros)
    }

    override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
      let share = try Ops.sigmoid(context[weight("balance")] * sharpness)
      return [try (context[inputs[0]] * share + context[inputs[1]] * (1 - share)).value]
    }
  }

  final class Classifier: Model, @unchecked Sendable {
    let hidden = Dense(units: 4, activation: .relu)
    let scores = [Dense(units: 3, activation: .softmax), Dense(units: 2)]

    override func call(_ x: Value, in context: CallContext) throws(KerasError) -> Value {
      try context.apply(scores[0], to: context.apply(hidden, to: x))
    }
  }

  private static let x = Tensor(uninitialized: [2, 3], Float.self) { elements in
    for i in elements.indices { elements[i] = [1, 2, 6, -1, 0, 4][i] }
  }

  /// By hand: (1, 2, 6) − 3 = (−2, −1, 3), whose norm is √14.
  @Test func antirectifier() throws {
    let y = try Antirectifier()(Self.x).scalars(as: Float.self)
    let want: [Float] = [0, 0, 3, 2, 1, 0].map { $0 / Float(14).squareRoot() }
    for (got, want) in zip(y, want) { #expect(abs(got - want) < 1e-6) }
  }

  @Test func gateTakesTwoInputsAndSurvivesAFile() throws {
    Layers.register("Custom>Gate") { settings in
      Gate(sharpness: try settings.number("sharpness", default: 1), name: settings.name)
    }
    let (a, b) = (Input(shape: [3]), Input(shape: [3]))
    let model = try Model(inputs: [a, b], outputs: [Gate(sharpness: 2)([a, b])])
    try model.setWeights([Tensor([0, 100, -100] as [Float])])
    let zeros = Tensor(zeros: [2, 3])
    let results = try model.predict([Self.x, zeros])[0].scalars(as: Float.self)
    #expect(results == [0.5, 2, 0, -0.5, 0, 0])
    let path = FileManager.default.temporaryDirectory.appending(path: "gate-\(UUID().uuidString).keras").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.save(to: path)
    let again = try Model.load(from: path)
    #expect(try again.predict([Self.x, zeros])[0].scalars(as: Float.self) == results)
    #expect((again.layers.last as? Gate)?.sharpness == 2)
  }

  @Test func aModelWithLayersAsProperties() throws {
    let model = Session.withFresh { Classifier() }
    let y = try model.predict(Self.x)
    #expect(y.shape == [2, 3])
    // The second of the list was never called, so it has no weights yet.
    #expect(model.weights.map(\.path) == [
      "classifier/dense/kernel", "classifier/dense/bias", "classifier/dense_1/kernel", "classifier/dense_1/bias",
    ])
    let path = FileManager.default.temporaryDirectory.appending(path: "mine-\(UUID().uuidString).weights.h5").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.saveWeights(to: path)
    let other = Session.withFresh(seed: 1) { Classifier() }
    _ = try other.predict(Self.x)
    #expect(try other.predict(Self.x).scalars(as: Float.self) != y.scalars(as: Float.self))
    try other.loadWeights(from: path)
    #expect(try other.predict(Self.x).scalars(as: Float.self) == y.scalars(as: Float.self))
  }

  /// A class of its own, so that its registration is nobody else's.
  final class Reader: Model, @unchecked Sendable {
    let hidden = Dense(units: 4, activation: .relu)
    let scores = Dense(units: 2)

    override func call(_ x: Value, in context: CallContext) throws(KerasError) -> Value {
      try context.apply(scores, to: context.apply(hidden, to: x))
    }
  }

  @Test func aModelOfOnesOwnIsLoadedOnceItIsRegistered() throws {
    let model = Session.withFresh { Reader() }
    let y = try model.predict(Self.x).scalars(as: Float.self)
    let folder = FileManager.default.temporaryDirectory.appending(path: "reader-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for ending in ["keras", "h5", "json"] { try model.save(to: "\(folder)/m.\(ending)") }
    for ending in ["keras", "h5", "json"] {
      let error = #expect(throws: KerasError.self) { try Model.load(from: "\(folder)/m.\(ending)") }
      #expect(error?.what == "There is no layer called `Reader`." && error?.path.last == "reader")
      #expect(error?.remedy?.hasSuffix("egister a class of your own under `Custom>Reader`.") == true)
    }
    Layers.register("Custom>Reader") { (settings) throws(KerasError) in Reader(name: settings.name) }
    let again = try Model.load(from: "\(folder)/m.keras")
    #expect(again is Reader)
    #expect(try again.predict(Self.x).scalars(as: Float.self) == y)
  }

  @Test func unregisteredClassesSayWhatToDo() throws {
    final class Unknown: Layer, @unchecked Sendable {
      override func call(_ x: Value, in context: CallContext) throws(KerasError) -> Value { x }
    }
    let x = Input(shape: [3])
    let model = try Model(inputs: x, outputs: Unknown()(x))
    let error = #expect(throws: KerasError.self) { try model.clone() }
    #expect(error?.kind == .unknownName)
    #expect(error?.remedy?.contains("register a class of your own under `Custom>Unknown`") == true)
  }
}

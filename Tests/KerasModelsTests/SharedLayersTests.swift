import Foundation
import KerasFiles
import Testing

@testable import KerasModels

/// Layers that stand in several models inside a model.
struct SharedLayersTests {
  /// Two models inside, both with the layer `shared`, which the outer one calls as well.
  private static func model() throws(KerasError) -> Model {
    try Session.withFresh { () throws(KerasError) in
      let shared = Dense(units: 3, activation: .tanh, name: "shared")
      func inner(_ name: String) throws(KerasError) -> Model {
        let x = Input(shape: [3])
        return try Model(inputs: x, outputs: shared(Dense(units: 3, name: "own")(x)), name: name)
      }
      let x = Input(shape: [3])
      let (first, second) = (try inner("first"), try inner("second"))
      let model = try Model(inputs: x, outputs: shared(second(first(x))))
      try model.fillWithPatterns()
      return model
    }
  }

  private func places(of name: String, in model: Model) -> [Layer] {
    model.layers.flatMap { layer in
      (layer.name == name ? [layer] : []) + ((layer as? Model).map { places(of: name, in: $0) } ?? [])
    }
  }

  @Test(arguments: ["keras", "h5", "json"]) func staySharedThroughFiles(_ ending: String) throws {
    let model = try Self.model()
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).\(ending)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.save(to: path)
    let again = try Model.load(from: path)
    let shared = places(of: "shared", in: again)
    #expect(shared.count == 3 && shared.allSatisfy { $0 === shared[0] })
    #expect(again.weights.count == model.weights.count)
    guard ending != "json" else { return }
    let x = pattern([4, 3], 5)
    #expect(try again.predict(x).scalars(as: Float.self) == model.predict(x).scalars())
  }

  @Test func clonesShareAmongThemselves() throws {
    let model = try Self.model()
    let shared = try places(of: "shared", in: model.clone())
    #expect(shared.count == 3 && shared.allSatisfy { $0 === shared[0] })
    #expect(shared[0] !== places(of: "shared", in: model)[0])
  }

  /// As Keras 3: in the first place, and nowhere else.
  @Test func weightsStandInTheFirstPlace() throws {
    let paths = try Self.model().storedTree().all.filter { !$0.object.variables.isEmpty }.map(\.path)
    #expect(
      paths == [
        "layers/functional/layers/dense", "layers/functional/layers/dense_1", "layers/functional_1/layers/dense",
      ])
  }

  @Test func onlyWhatIsSharedHasANumber() throws {
    let text = try Self.model().toJSON()
    #expect(text.components(separatedBy: "shared_object_id").count == 4)
  }

  /// Keras copies the description of a model inside before it knows that a layer comes again.
  @Test func aLostNumberIsFoundByTheWeights() throws {
    let model = try Self.model()
    var lost = false
    func withoutFirst(_ json: JSON) -> JSON {
      if let array = json.array { return .array(array.map(withoutFirst)) }
      guard let object = json.object else { return json }
      var changed = JSONObject()
      for (key, value) in object {
        if key == "shared_object_id", !lost { lost = true } else { changed[key] = withoutFirst(value) }
      }
      return .object(changed)
    }
    let config = withoutFirst(model.getConfig())
    #expect(lost)
    let archive = KerasArchive(config: config, weights: try model.storedTree())
    let again = try load(archive)
    #expect(places(of: "shared", in: again).allSatisfy { $0 === places(of: "shared", in: again)[0] })
    let x = pattern([4, 3], 5)
    #expect(try again.predict(x).scalars(as: Float.self) == model.predict(x).scalars())
  }

  /// Two layers of one name and the same settings stay two where the file has weights for both.
  @Test func layersThatOnlyLookAlikeStayTwo() throws {
    let again = try load(KerasArchive(config: Self.model().getConfig(), weights: Self.model().storedTree()))
    let own = places(of: "own", in: again)
    #expect(own.count == 2 && own[0] !== own[1])
  }

  @Test func oneNumberForTwoDescriptionsIsRefused() throws {
    let text = #"{"class_name":"Dense","config":{"name":"d","units":UNITS},"shared_object_id":7}"#
    let layers = ["2", "3"].map { text.replacingOccurrences(of: "UNITS", with: $0) }.joined(separator: ",")
    let config = #"{"class_name":"Sequential","config":{"name":"s","layers":[\#(layers)]}}"#
    #expect(
      message { () throws(KerasError) in _ = try Model.fromJSON(config) } == """
        Two descriptions with the shared_object_id 7 differ.
          in: s › d
        """)
  }

  private func load(_ archive: KerasArchive) throws -> Model {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).keras").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try archive.write(to: path)
    return try Model.load(from: path)
  }
}

import KerasModels
import Testing

/// A layer whose settings are declared once, as users write them.
private final class Stretch: Layer, @unchecked Sendable {
  @Setting("factor", .required) private(set) var factor: Double
  @Setting("limit") private(set) var limit: Int?
  @Setting("kernel") private(set) var kernel: WeightSettings

  init(factor: Double, limit: Int? = 7, name: String? = nil) {
    super.init(name: name)
    self.factor = factor
    self.limit = limit
    kernel = WeightSettings(.heNormal)
  }
}

/// A setting is declared once: files are read and written by that, and defaults stand in the initializer.
@Suite struct SettingTests {
  init() { Layers.register("Custom>Stretch") { settings in Stretch(factor: 0, name: settings.name) } }

  private func stretch(_ config: JSONObject) throws -> Stretch {
    let object = SerializedObject(
      module: nil, className: "Stretch", config: config, registeredName: "Custom>Stretch")
    return try #require(try Layers.deserialize(object.json) as? Stretch)
  }

  @Test func whatIsWrittenIsRead() throws {
    let layer = Stretch(factor: 2, limit: nil)
    #expect(layer.config.keys.prefix(2) == ["factor", "limit"])
    #expect(layer.config["factor"] == 2.0 && layer.config["limit"] == JSON.null)
    #expect(layer.config["kernel_initializer"]?["class_name"] == "HeNormal")
    let again = try #require(try Layers.deserialize(layer.serialized.json) as? Stretch)
    #expect(again.factor == 2 && again.limit == nil && again.config == layer.config)
  }

  /// What Keras 1 called otherwise are plain words, too.
  @Test(arguments: [KerasVersion.keras1, .keras2, .keras3])
  func settingsOfOnesOwnKeepTheirNames(_ version: KerasVersion) throws {
    let config: JSONObject = ["sigma": 1, "p": 0.5, "bias": true, "init": "low"]
    let own = SerializedObject(module: nil, className: "Stretch", config: config, registeredName: "Custom>Stretch")
    #expect(own.modernized(from: version) == own)
    let unnamed = SerializedObject(module: nil, className: "Stretch", config: config)
    #expect(unnamed.modernized(from: version) == unnamed)
  }

  @Test func whatIsMissingKeepsItsDefault() throws {
    let layer = try stretch(["name": "s", "factor": 3, "kernel_initializer": nil])
    #expect(layer.factor == 3 && layer.limit == 7 && layer.kernel.initializer.className == "HeNormal")
  }

  @Test(arguments: [
    (
      ["name": "s"],
      "The setting `factor` is missing.\n  in: s › Stretch\n  try: give all that Keras' get_config() returns."
    ),
    (
      ["name": "s", "factor": nil],
      "The setting `factor` is missing.\n  in: s › Stretch\n  try: give all that Keras' get_config() returns."
    ),
    (
      ["name": "s", "factor": 1, "limit": "low"],
      "The setting `limit` must be a whole number, found \"low\".\n  in: s › Stretch"
    ),
  ] as [(JSONObject, String)])
  func whatIsWrong(_ config: JSONObject, _ message: String) {
    let error = #expect(throws: KerasError.self) { try stretch(config) }
    #expect(error?.description == message)
  }

  /// Names that Keras 1 gave classes find what it wrote in them, too.
  @Test func oldNamesOfClasses() throws {
    let json: JSON = [
      "class_name": "Convolution1D",
      "config": ["name": "c", "nb_filter": 2, "filter_length": 3, "input_dim": 4, "input_length": nil],
    ]
    let old = try SerializedObject(json).modernized(from: .keras1)
    #expect(old.config.keys.sorted() == ["filters", "kernel_size", "name"])
    #expect(try Layers.deserialize(json, version: .keras1) is Conv1D)
  }
}

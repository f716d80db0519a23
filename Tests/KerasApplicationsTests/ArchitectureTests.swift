import Foundation
import KerasTestSupport
import Testing

/// Every model of the catalogue has Keras' parameters in Keras' shapes.
@Suite struct ArchitectureTests {
  /// Numbers of Keras 3.15.1, with the classifier and without. A fingerprint is the beginning of the SHA-256
  /// of all weights' shapes in file order, a line each, `3x3x3x64`.
  struct Facts: Sendable, CustomTestStringConvertible {
    let name: String
    let parameters, featureParameters, frozen: Int
    let tensors, layers, layersWithWeights: Int
    let fingerprint, featureFingerprint: String

    init(
      _ name: String, _ parameters: Int, _ featureParameters: Int, _ frozen: Int, _ tensors: Int,
      _ layers: Int,
      _ layersWithWeights: Int, _ fingerprint: String, _ featureFingerprint: String
    ) {
      self.name = name
      (self.parameters, self.featureParameters, self.frozen) = (parameters, featureParameters, frozen)
      (self.tensors, self.layers, self.layersWithWeights) = (tensors, layers, layersWithWeights)
      (self.fingerprint, self.featureFingerprint) = (fingerprint, featureFingerprint)
    }

    var testDescription: String { name }
  }

  // swift-format-ignore
  static let facts = [
    Facts("VGG16",       138_357_544, 14_714_688,       0,  32,  23,  16, "19664a89bada", "a6e6488eb624"),
    Facts("VGG19",       143_667_240, 20_024_384,       0,  38,  26,  19, "dee54be8efa1", "98efe2575603"),
    Facts("ResNet50",     25_636_712, 23_587_712,  53_120, 320, 177, 107, "4cff1e828aa2", "f8e2ea23b99a"),
    Facts("ResNet101",    44_707_176, 42_658_176, 105_344, 626, 347, 209, "f2bb2dfc8767", "a008a006d8fd"),
    Facts("ResNet152",    60_419_944, 58_370_944, 151_424, 932, 517, 311, "9e3a899df294", "05bc50a041cf"),
    Facts("ResNet50V2",   25_613_800, 23_564_800,  45_440, 272, 192, 103, "5086be665035", "51dff830e1f6"),
    Facts("ResNet101V2",  44_675_560, 42_626_560,  97_664, 544, 379, 205, "eaa1ac949637", "7a23e3b8ac63"),
    Facts("ResNet152V2",  60_380_648, 58_331_648, 143_744, 816, 566, 307, "4e97c7b4d928", "7ead76dd98b9"),
    Facts("MobileNet",     4_253_864,  3_228_864,  21_888, 137,  91,  55, "a1dce565a067", "a25e68c1cf14"),
  ]

  @Test func everyModelHasItsFacts() {
    #expect(ModelCatalog.all.map(\.name) == Self.facts.map(\.name))
  }

  @Test(arguments: facts)
  func isKerasArchitecture(_ facts: Facts) throws {
    let application = try ModelCatalog.application(named: facts.name)
    let whole = try application(weights: .none)
    #expect(whole.parameterCount == facts.parameters && application.parameterCount == facts.parameters)
    #expect(whole.nonTrainableWeights.reduce(0) { $0 + $1.elementCount } == facts.frozen)
    #expect(whole.weights.count == facts.tensors)
    #expect(whole.layers.count == facts.layers)
    #expect(whole.layers.filter { !$0.weights.isEmpty }.count == facts.layersWithWeights)
    #expect(try fingerprint(of: whole) == facts.fingerprint)
    #expect(whole.output.shape == [nil, 1000])
    #expect(whole.name == (facts.name == "MobileNet" ? "mobilenet_1.00_224" : application.identifier))

    let features = try application(includeTop: false, weights: .none, pooling: .average)
    #expect(features.parameterCount == facts.featureParameters)
    #expect(try fingerprint(of: features) == facts.featureFingerprint)
    #expect(features.output.shape == [nil, application.featureCount])
  }

  @Test(arguments: [
    (0.25, 475_544, 218_544), (0.5, 1_342_536, 829_536), (0.75, 2_601_976, 1_832_976),
    (1, 4_253_864, 3_228_864),
  ])
  func widthsOfMobileNet(alpha: Double, parameters: Int, featureParameters: Int) throws {
    #expect(try MobileNet(alpha: alpha, weights: .none).parameterCount == parameters)
    #expect(
      try MobileNet(alpha: alpha, includeTop: false, weights: .none).parameterCount == featureParameters)
  }

  @Test func namesOfMobileNet() throws {
    #expect(
      try MobileNet(inputShape: [128, 128, 3], alpha: 0.25, weights: .none).name == "mobilenet_0.25_128")
    #expect(try MobileNet(alpha: 0.5, includeTop: false, weights: .none).name == "mobilenet_0.50_None")
    #expect(try MobileNet(weights: .none, name: "mine").name == "mine")
  }

  @Test func channelsComeLastWhateverTheSettingsSay() throws {
    let model = try Session.withImageDataFormat(.channelsFirst) { () throws(KerasError) in
      try MobileNet(alpha: 0.25, weights: .none)
    }
    #expect(model.parameterCount == 475_544)
    #expect(try (model.layer(named: "conv1") as? Conv2D)?.dataFormat == .channelsLast)
  }

  private func fingerprint(of model: Model) throws -> String {
    let text = model.layers.flatMap(\.weights).map { $0.shape.map(String.init).joined(separator: "x") + "\n" }
      .joined()
    let file = FileManager.default.temporaryDirectory.appending(path: "keras-shapes-\(UUID().uuidString)")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return String(try FileHash(.sha256, ofFile: file.path).digits.prefix(12))
  }
}

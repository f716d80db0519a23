import Foundation
import KerasTestSupport
import Testing

/// Every model of the catalogue has Keras' parameters in Keras' shapes.
@Suite struct ArchitectureTests {
  /// Numbers of Keras 3.15.1, with the classifier and without. A fingerprint is the beginning of the SHA-256 of
  /// all weights' shapes in file order, a line each, `3x3x3x64`.
  struct Facts: Sendable, CustomTestStringConvertible {
    let name: String
    let parameters, featureParameters, frozen: Int
    let tensors, layers, layersWithWeights: Int
    let fingerprint, featureFingerprint: String
    var testDescription: String { name }
  }

  // swift-format-ignore
  static let facts = [
    Facts(name: "VGG16", parameters: 138_357_544, featureParameters: 14_714_688, frozen: 0, tensors: 32, layers: 23, layersWithWeights: 16, fingerprint: "19664a89bada", featureFingerprint: "a6e6488eb624"),
    Facts(name: "VGG19", parameters: 143_667_240, featureParameters: 20_024_384, frozen: 0, tensors: 38, layers: 26, layersWithWeights: 19, fingerprint: "dee54be8efa1", featureFingerprint: "98efe2575603"),
    Facts(name: "ResNet50", parameters: 25_636_712, featureParameters: 23_587_712, frozen: 53_120, tensors: 320, layers: 177, layersWithWeights: 107, fingerprint: "4cff1e828aa2", featureFingerprint: "f8e2ea23b99a"),
    Facts(name: "ResNet101", parameters: 44_707_176, featureParameters: 42_658_176, frozen: 105_344, tensors: 626, layers: 347, layersWithWeights: 209, fingerprint: "f2bb2dfc8767", featureFingerprint: "a008a006d8fd"),
    Facts(name: "ResNet152", parameters: 60_419_944, featureParameters: 58_370_944, frozen: 151_424, tensors: 932, layers: 517, layersWithWeights: 311, fingerprint: "9e3a899df294", featureFingerprint: "05bc50a041cf"),
    Facts(name: "ResNet50V2", parameters: 25_613_800, featureParameters: 23_564_800, frozen: 45_440, tensors: 272, layers: 192, layersWithWeights: 103, fingerprint: "5086be665035", featureFingerprint: "51dff830e1f6"),
    Facts(name: "ResNet101V2", parameters: 44_675_560, featureParameters: 42_626_560, frozen: 97_664, tensors: 544, layers: 379, layersWithWeights: 205, fingerprint: "eaa1ac949637", featureFingerprint: "7a23e3b8ac63"),
    Facts(name: "ResNet152V2", parameters: 60_380_648, featureParameters: 58_331_648, frozen: 143_744, tensors: 816, layers: 566, layersWithWeights: 307, fingerprint: "4e97c7b4d928", featureFingerprint: "7ead76dd98b9"),
    Facts(name: "MobileNet", parameters: 4_253_864, featureParameters: 3_228_864, frozen: 21_888, tensors: 137, layers: 91, layersWithWeights: 55, fingerprint: "a1dce565a067", featureFingerprint: "a25e68c1cf14"),
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
    (0.25, 475_544, 218_544), (0.5, 1_342_536, 829_536), (0.75, 2_601_976, 1_832_976), (1, 4_253_864, 3_228_864),
  ])
  func widthsOfMobileNet(alpha: Double, parameters: Int, featureParameters: Int) throws {
    #expect(try MobileNet(alpha: alpha, weights: .none).parameterCount == parameters)
    #expect(try MobileNet(alpha: alpha, includeTop: false, weights: .none).parameterCount == featureParameters)
  }

  @Test func namesOfMobileNet() throws {
    #expect(try MobileNet(inputShape: [128, 128, 3], alpha: 0.25, weights: .none).name == "mobilenet_0.25_128")
    #expect(try MobileNet(alpha: 0.5, includeTop: false, weights: .none).name == "mobilenet_0.50_None")
    #expect(try MobileNet(weights: .none, name: "mine").name == "mine")
  }

  private func fingerprint(of model: Model) throws -> String {
    let text = model.layers.flatMap(\.weights).map { $0.shape.map(String.init).joined(separator: "x") + "\n" }.joined()
    let file = FileManager.default.temporaryDirectory.appending(path: "keras-shapes-\(UUID().uuidString)")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return String(try FileHash(.sha256, ofFile: file.path).digits.prefix(12))
  }
}

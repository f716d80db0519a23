import KerasTestSupport
import Testing

/// Features are what a model of one's own to the same layer computes.
@Suite struct FeaturesTests {
  private let model: ImageModel
  private let images: [Image]

  init() throws {
    model = try Session.withFresh(seed: 3) { () throws(KerasError) in
      try MobileNet(inputShape: [32, 32, 3], alpha: 0.25, weights: .none, classes: 5)
    }
    images = try (0..<3).map { number in
      let pixels: [Float] = FormulaNumbers.images(first: 7 + number, batch: 1, height: 32, width: 32, channels: 3)
        .scalars()
      return try Image(width: 32, height: 32, mode: .rgb, pixels: pixels.map { UInt8($0) })
    }
  }

  private func tapped(_ layer: String) throws -> Tensor {
    try Model(inputs: model.inputs, outputs: [model.output(of: layer)]).predict(model.preprocess(images))
  }

  @Test func aLayersOutput() throws {
    let found = try model.features(images, at: "conv_pw_3_relu")
    #expect(found.shape == [3, 8, 8, 32])
    try expectClose(found, tapped("conv_pw_3_relu"), relative: 1e-5, absolute: 1e-6, what: "conv_pw_3_relu")
  }

  @Test(arguments: [FeaturePooling.average, .maximum])
  func pooledOverThePicture(_ pooling: FeaturePooling) throws {
    let found = try model.features(images, at: "conv_pw_3_relu", pooling: pooling)
    let whole = try tapped("conv_pw_3_relu").scalars(as: Float.self)
    let want = (0..<3 * 32).map { place in
      let values = (0..<64).map { whole[(place / 32 * 64 + $0) * 32 + place % 32] }
      return pooling == .average ? values.reduce(0, +) / 64 : values.max() ?? 0
    }
    #expect(found.shape == [3, 32])
    try expectClose(found, Tensor(want, shape: [3, 32]), relative: 1e-5, absolute: 1e-6, what: "\(pooling)")
  }

  @Test func severalLayers() throws {
    let found = try model.features(images, at: ["conv_pw_1_relu", "conv_pw_13_relu"], pooling: .average)
    #expect(found.map(\.shape) == [[3, 16], [3, 256]])
  }

  /// Left to itself, it is what the classifier sees; a model without one gives its output.
  @Test func whatTheClassifierSees() throws {
    let found = try model.features(images, pooling: .average)
    #expect(found.shape == [3, 256])
    try expectClose(
      found, model.features(images, at: "conv_pw_13_relu", pooling: .average), relative: 1e-5, absolute: 1e-6,
      what: "features")
    let bare = try MobileNet(inputShape: [32, 32, 3], alpha: 0.25, includeTop: false, weights: .none)
    #expect(try bare.features(images).shape == [3, 1, 1, 256])
  }

  @Test func theSameExtractorEachTime() throws {
    #expect(try model.featureExtractor(at: ["conv1"]) === model.featureExtractor(at: ["conv1"]))
    #expect(try model.featureExtractor(at: ["conv1"]) !== model.featureExtractor(at: ["conv1"], pooling: .average))
  }

  @Test func layersThatAreNotThere() {
    let error = #expect(throws: KerasError.self) { try model.features(images, at: "conv_pw_99") }
    #expect(error?.kind == .unknownName)
    #expect(throws: KerasError.self) { try model.features([], at: "conv1") }
    #expect(throws: KerasError.self) { try model.features(images, at: [] as [String]) }
  }
}

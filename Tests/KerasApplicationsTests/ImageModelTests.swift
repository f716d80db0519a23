import Foundation
import KerasTestSupport
import Synchronization
import Testing

@Suite struct ImageModelTests {
  /// A small classifier of ImageNet's thousand classes.
  static func makeModel() throws -> ImageModel {
    try MobileNet(inputShape: [32, 32, 3], alpha: 0.25, weights: .none)
  }

  private func message(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// What is reported while `body` runs.
  private func warnings(_ body: () throws -> Void) throws -> [String] {
    let reported = Reports()
    try Warnings.withHandler({ reported.append($0) }) { try body() }
    return reported.all
  }

  private final class Reports: Sendable {
    private let sentences = Mutex<[String]>([])
    func append(_ sentence: String) { sentences.withLock { $0.append(sentence) } }
    var all: [String] { sentences.withLock { $0 } }
  }

  private func lines(_ guesses: [Classification]) -> [String] {
    guesses.map { "\($0.index) \($0.id) \($0.label) \($0.probability)" }
  }

  // MARK: - Decoding predictions

  @Test func decodesAsKeras() throws {
    var scores = [Float](repeating: 0, count: 2000)
    (scores[386], scores[1], scores[999]) = (0.75, 0.125, 0.0625)
    scores[1000 + 7] = 1
    let guesses = try Self.makeModel().decodePredictions(Tensor(scores, shape: [2, 1000]), top: 3)
    #expect(
      lines(guesses[0]) == [
        "386 n02504458 African_elephant 0.75", "1 n01443537 goldfish 0.125",
        "999 n15075141 toilet_tissue 0.0625",
      ])
    #expect(lines(guesses[1]).first == "7 n01514668 cock 1.0")
    #expect(guesses.map(\.count) == [3, 3])
  }

  /// NumPy's argsort, reversed, as in `decode_predictions`: of equal scores the last comes first.
  @Test func tiesComeInFallingOrder() throws {
    let guesses = try Self.makeModel().decodePredictions(
      Tensor([Float](repeating: 0.001, count: 1000), shape: [1, 1000]))
    #expect(guesses[0].map(\.index) == [999, 998, 997, 996, 995])
  }

  @Test func wrongShapesAreRefused() throws {
    let model = try Self.makeModel()
    #expect(
      message { _ = try model.decodePredictions(Tensor(zeros: [1, 10], .float32)) } == """
        Expected predictions of shape [count, 1000], found [1, 10].
          in: mobilenet_0.25_32
        """)
    #expect(
      message { _ = try model.decodePredictions(Tensor(zeros: [1000], .float32)) } == """
        Expected predictions of shape [count, 1000], found [1000].
          in: mobilenet_0.25_32
        """)
    #expect(
      message { _ = try model.decodePredictions(Tensor(zeros: [1, 1000], .float32), top: 0) }
        == "Expected at least one class to name, found top 0.")
    let features = try MobileNet(alpha: 0.25, includeTop: false, weights: .none)
    #expect(
      message { _ = try features.decodePredictions(Tensor(zeros: [1, 1000], .float32)) } == """
        The model has no classifier, so its output names no classes.
          in: mobilenet_0.25_None
          try: make it with includeTop: true.
        """)
    #expect(try model.decodePredictions(Tensor(zeros: [0, 1000], .float32)) == [])
  }

  @Test func classesOfOnesOwn() throws {
    let model = try MobileNet(inputShape: [32, 32, 3], alpha: 0.25, weights: .none, classes: 2)
    let scores = try Tensor([0.25, 0.75] as [Float], shape: [1, 2])
    #expect(model.labels == nil)
    #expect(try model.decodePredictions(scores)[0].map(\.label) == ["class 1", "class 0"])
    model.labels = ClassLabels([ClassLabel(id: "a", name: "ant"), ClassLabel(id: "b", name: "bee")])
    #expect(try lines(model.decodePredictions(scores)[0]) == ["1 b bee 0.75", "0 a ant 0.25"])
  }

  // MARK: - Preprocessing

  @Test func preparesPicturesAsTensors() throws {
    let model = try Self.makeModel()
    let image = try Image(width: 2, height: 1, mode: .rgb, pixels: [0, 51, 255, 255, 0, 102])
    let prepared = try model.preprocess([image, image])
    #expect(prepared.shape == [2, 32, 32, 3])
    let pixels = try image.resized(to: model.imageSize).tensor()
    let one = try model.preprocess(Tensor(pixels.scalars(as: Float.self), shape: [1, 32, 32, 3]))
    let numbers: [Float] = one.scalars()
    #expect(prepared.scalars(as: Float.self) == numbers + numbers)
    let wanted: [Float] = [-1, 51 / 127.5 - 1, 1]
    #expect(Array(numbers.prefix(3)) == wanted)
  }

  @Test func pixelsOfAnotherRangeAreNoticed() throws {
    let model = try Self.makeModel()
    let raw = try Tensor([Float](repeating: 200, count: 32 * 32 * 3), shape: [1, 32, 32, 3])
    #expect(
      try warnings { _ = try model.predict(raw) } == [
        "The input of mobilenet_0.25_32 has values up to 200.0, but preprocessed pictures stay below 1.0: it "
          + "looks like raw pixels. Pass it through preprocess(_:) first."
      ])
    let prepared = try model.preprocess(raw)
    #expect(try warnings { _ = try model.predict(prepared) } == [])
    #expect(
      try warnings { _ = try model.preprocess(Tensor([0.5, 0, 1] as [Float], shape: [1, 1, 3])) } == [
        "The values lie between 0.0 and 1.0: they look already divided by 255. Pass RGB pixels of 0…255 "
          + "instead."
      ])
  }

  @Test func picturesHaveThreeChannels() throws {
    let model = try MobileNet(inputShape: [32, 32, 2], alpha: 0.25, weights: .none)
    let image = try Image(width: 1, height: 1, mode: .grayscale, pixels: [7])
    #expect(
      message { _ = try model.classify(image) } == """
        Pictures have 3 channels; the model takes (None, 32, 32, 2).
          in: mobilenet_0.25_32
        """)
  }

  @Test func noPicturesNoGuesses() throws {
    #expect(try Self.makeModel().classify([Image]()) == [])
  }

  // MARK: - Features

  @Test(arguments: Backends.all.map(\.name))
  func picturesOfAnySize(on backend: String) throws {
    let model = try MobileNet(alpha: 0.25, includeTop: false, weights: .none)
    #expect(model.input.shape == [nil, nil, nil, 3] && model.imageSize == ImageSize(side: 224))
    let options = ComputeOptions(backend: backend)
    for (height, width) in [(64, 64), (96, 33), (40, 100)] {
      let features = try model.predict(Tensor(zeros: [2, height, width, 3], .float32), options: options)
      // The first of five halvings rounds up, the others down.
      #expect(features.shape == [2, (height + 1) / 2 / 16, (width + 1) / 2 / 16, 256])
    }
  }

  @Test(arguments: Backends.all.map(\.name))
  func featuresOfAnInnerLayer(on backend: String) throws {
    let model = try Self.makeModel()
    let inner = try Model(
      inputs: model.input, outputs: model.layer(named: "conv_pw_3_relu").output(), name: "features")
    let x = try Tensor((0..<32 * 32 * 3).map { Float($0 % 17) / 17 }, shape: [1, 32, 32, 3])
    let features = try inner.predict(x, options: ComputeOptions(backend: backend))
    #expect(features.shape == [1, 8, 8, 32])
    // The layers are shared, and so are the weights: what comes after them gives the same answer.
    let rest = try Model(inputs: inner.output, outputs: model.output, name: "rest")
    let answer = try rest.predict(features, options: ComputeOptions(backend: backend))
    let whole = try model.predict(x, options: ComputeOptions(backend: backend))
    #expect(
      zip(answer.scalars(as: Float.self), whole.scalars(as: Float.self)).allSatisfy { abs($0 - $1) < 1e-6 })
  }
}

import Foundation
import KerasTestSupport
import Testing

/// What a model of pictures knows is kept in its files, and asked for where a file does not have it.
@Suite struct ImageModelFileTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "keras-image-models-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  private func message(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }

  private func gradient(_ side: Int, _ channels: Int = 3) throws -> Image {
    try Image(
      width: side, height: side, mode: channels == 1 ? .grayscale : .rgb,
      pixels: (0..<side * side * channels).map { UInt8($0 * 7 % 256) })
  }

  @Test(arguments: ["mine.keras", "mine.h5"])
  func anApplicationKeepsWhatItKnows(_ name: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let model = try MobileNet(inputShape: [32, 32, 3], alpha: 0.25, weights: .none)
    try model.save(to: path(name))
    let again = try ImageModel(contentsOf: path(name))
    #expect(again.preprocessing == .tf && again.labels == .imageNet && again.classCount == 1000)
    #expect(again.imageSize == ImageSize(height: 32, width: 32) && again.application == nil)
    #expect(again.givesProbabilities && model.givesProbabilities)
    let image = try gradient(40)
    #expect(try again.classify(image, top: 3) == model.classify(image, top: 3))
    // Read without a thought of pictures and written again, it still knows.
    let second = path("second-" + name)
    try Model.load(from: path(name)).save(to: second)
    #expect(try ImageModel(contentsOf: second).labels == .imageNet)
    // What is said counts more than what the file says.
    #expect(try ImageModel(contentsOf: path(name), preprocessing: .torch).preprocessing == .torch)
  }

  @Test func labelsOfOnesOwnAreKept() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let model = try MobileNet(inputShape: [32, 32, 3], alpha: 0.25, weights: .none, classes: 2)
    model.labels = ClassLabels([ClassLabel(id: "a", name: "ant"), ClassLabel(id: "bee", name: "bee")])
    try model.save(to: path("ants.keras"))
    #expect(try ImageModel(contentsOf: path("ants.keras")).labels == model.labels)
  }

  @Test func featuresAreNoClasses() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let model = try MobileNet(alpha: 0.25, includeTop: false, weights: .none, pooling: .average)
    try model.save(to: path("features.keras"))
    let again = try ImageModel(contentsOf: path("features.keras"))
    #expect(again.classCount == nil && again.labels == nil && again.imageSize == ImageSize(side: 224))
    #expect(
      message { _ = try again.decodePredictions(Tensor(zeros: [1, 256], .float32)) } == """
        The model has no classifier, so its output names no classes.
          in: mobilenet_0.25_None
          try: make it with includeTop: true.
        """)
  }

  private func small(
    _ channels: Int = 3, rescaling: Double? = nil, units: Int = 4,
    _ activation: ActivationFunction = .softmax,
    name: String = "small"
  ) -> Sequential {
    Sequential(name: name) {
      Input(shape: [8, 8, channels])
      if let rescaling { Rescaling(scale: rescaling) }
      Flatten()
      Dense(units: units, activation: activation)
    }
  }

  @Test func whatTurnsPixelsIntoInputIsNotGuessed() throws {
    #expect(
      message { _ = try ImageModel(small()) } == """
        The file does not say what turns pixels of 0…255 into the model's input.
          in: small
          try: say it with preprocessing: tf (−1…1), unit (0…1), caffe, torch or none (0…255).
        """)
    #expect(
      message { _ = try ImageModel(small(name: "resnet50v2_2")) } == """
        The file does not say what turns pixels of 0…255 into the model's input.
          in: resnet50v2_2
          try: say it with preprocessing: tf (−1…1), unit (0…1), caffe, torch or none (0…255). Keras' ResNet50V2 \
        takes tf.
        """)
    // A model that scales pixels itself takes them as they are; one that scales them up does not.
    #expect(try ImageModel(small(rescaling: 1 / 255)).preprocessing == .none)
    #expect(message { _ = try ImageModel(small(rescaling: 255)) } != nil)
    let inner = small(rescaling: 1 / 127.5)
    let outer = Sequential {
      Input(shape: [8, 8, 3])
      Resizing(height: 8, width: 8)
      inner
    }
    #expect(try ImageModel(outer).preprocessing == .none)
    #expect(try ImageModel(outer).classCount == 4 && ImageModel(outer).givesProbabilities)
  }

  @Test func greyPicturesAndOneNumber() throws {
    let model = try ImageModel(small(1, units: 1, .sigmoid), preprocessing: .unit)
    #expect(model.classCount == 2)
    let guesses = try model.classify(gradient(8))
    let grey = try model.preprocess([gradient(8).grayscale()])
    #expect(grey.shape == [1, 8, 8, 1] && grey.scalars(as: Float.self).allSatisfy { (0...1).contains($0) })
    let coloured = try model.preprocess([gradient(8)])
    #expect(coloured.scalars(as: Float.self) == grey.scalars(as: Float.self))
    let second = try model.predict(grey).scalars(as: Float.self)[0]
    #expect(guesses.first { $0.index == 1 }?.probability == second)
    #expect(guesses.first { $0.index == 0 }?.probability == 1 - second)
    #expect(
      message { _ = try ImageModel(small(1), preprocessing: .caffe) } == """
        The preprocessing caffe is for pictures with 3 channels; the model takes (None, 8, 8, 1).
          in: small
        """)
    // One number that is no probability names no class.
    #expect(try ImageModel(small(units: 1, .linear), preprocessing: .unit).classCount == nil)
    #expect(try !ImageModel(small(units: 3, .linear), preprocessing: .unit).givesProbabilities)
  }

  @Test func whatDoesNotFit() throws {
    let names = ClassLabels([ClassLabel(id: "a", name: "a")])
    #expect(
      message { _ = try ImageModel(small(), preprocessing: .unit, labels: names) } == """
        1 classes are named; the model tells 4 apart.
          in: small
        """)
    let text = Sequential(name: "text") {
      Input(shape: [8])
      Dense(units: 2)
    }
    #expect(
      message { _ = try ImageModel(text, preprocessing: .none) } == """
        Expected a model from pictures, (batch, height, width, 1 or 3), to one output, found one from (None, 8) to \
        (None, 2).
          in: text
        """)
    let open = Sequential(name: "open") {
      Input(shape: [nil, nil, 3])
      GlobalAveragePooling2D()
      Dense(units: 2)
    }
    #expect(
      message { _ = try ImageModel(open, preprocessing: .none) } == """
        The model takes pictures of any size, (None, None, None, 3).
          in: open
          try: say which size they are brought to, with imageSize.
        """)
    #expect(
      try ImageModel(open, preprocessing: .none, imageSize: ImageSize(side: 9)).imageSize
        == ImageSize(side: 9))
    #expect(
      message { _ = try ImageModel(small(), preprocessing: .none, imageSize: ImageSize(side: 9)) } == """
        The model takes pictures of 8 × 8, not of 9 × 9.
          in: small
          try: leave imageSize out.
        """)
  }

  /// Files are data: what makes no sense is an error, and what others wrote is passed over.
  @Test(arguments: [
    (#"{"format": "image_model/1"}"#, false),
    (
      #"{"format": "image_model/1", "preprocessing": "tf", "classes": 4, "image_size": [8], "labels": null}"#,
      false
    ),
    (
      #"{"format": "image_model/1", "preprocessing": "tf", "classes": 4, "image_size": [8, 8], "labels": [1, 2]}"#,
      false
    ),
    (
      #"{"format": "image_model/1", "preprocessing": "tf", "classes": 5, "image_size": [8, 8], "labels": null}"#,
      false
    ),
    (
      #"{"format": "image_model/1", "preprocessing": "tf", "classes": 4, "image_size": [8, 9], "labels": null}"#,
      false
    ),
    (#"{"format": "image_model/2"}"#, false),
    (#"{"format": "something/1"}"#, true), ("[]", true),
    (
      #"{"format": "image_model/1", "preprocessing": "tf", "classes": 4, "image_size": [8, 8], "labels": null}"#,
      true
    ),
  ])
  func hostileDescriptions(_ json: String, _ isTaken: Bool) throws {
    let model = small()
    model.supplement = try JSON(parsing: json)
    #expect((message { _ = try ImageModel(model, preprocessing: .unit) } == nil) == isTaken)
  }
}

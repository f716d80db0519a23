import Foundation
import KerasTestSupport
import Testing

@testable import KerasApplications

/// Maps against Keras' (`Tests/Goldens/make_explanations.py`), and what can be asked wrongly.
@Suite struct GradCAMTests {
  struct Golden: Decodable, Sendable, CustomTestStringConvertible {
    let model: String
    let layer: String
    let picture: Int
    let `class`: Int
    let probability: Float
    let shape: [Int]
    let values: [Float]
    var testDescription: String { "\(model) \(layer) class \(self.class)" }
  }
  private struct File: Decodable { let cases: [Golden] }

  static let goldens: [Golden] = {
    let file = PackagePaths.goldens.appending(path: "explanations.json")
    return (try? JSONDecoder().decode(File.self, from: Data(contentsOf: file)).cases) ?? []
  }()

  @Test func thereAreCases() {
    #expect(Set(Self.goldens.map(\.model)) == ["mobilenet", "softmax", "sigmoid"])
  }

  @Test(arguments: goldens, Backends.all.map(\.name))
  func asInKeras(_ golden: Golden, backend: String) throws {
    let model = try Self.model(golden.model)
    let map = try model.gradCAM(
      of: Self.picture(golden.picture, for: model), class: golden.class, at: golden.layer,
      options: ComputeOptions(backend: backend))
    #expect([map.height, map.width] == golden.shape)
    #expect(map.layer == golden.layer && map.explained.index == golden.class)
    #expect(abs(map.explained.probability - golden.probability) < 1e-4)
    let difference = zip(map.values, golden.values).map { abs($0 - $1) }.max() ?? 1
    #expect(difference < 1e-3)
  }

  /// Of MobileNet the last convolution before everything is averaged, of a nested model the base's end.
  @Test(arguments: [("mobilenet", "conv_pw_13_relu", 6), ("softmax", "base/block2_out", 1)])
  func leftToItself(name: String, layer: String, likeliest: Int) throws {
    let model = try Self.model(name)
    let picture = try Self.picture(0, for: model)
    let map = try model.gradCAM(of: picture)
    #expect(map.layer == layer && map.explained.index == likeliest)
    #expect(map.explained == (try model.classify(picture, top: 1)[0]))
    #expect(map == (try model.gradCAM(of: picture, class: likeliest, at: layer)))
  }

  /// A map is made of the weights as they are now.
  @Test func followsNewWeights() throws {
    let model = try Self.model("softmax")
    let picture = try Self.picture(0, for: model)
    let before = try model.gradCAM(of: picture, class: 1)
    let kernel = try #require(model.layer(named: "scores").weights.first)
    try kernel.assign(Tensor(kernel.value.scalars(as: Float.self).map { -$0 }, shape: kernel.shape))
    let after = try model.gradCAM(of: picture, class: 1)
    #expect(before.values != after.values)
    #expect(zip(before.values, after.values).allSatisfy { $0 == 0 || $1 == 0 })
  }

  @Test func wrongQuestions() throws {
    let model = try Self.model("softmax")
    let picture = try Self.picture(0, for: model)
    func what(_ index: Int?, _ layer: String?) -> String? {
      #expect(throws: KerasError.self) { try model.gradCAM(of: picture, class: index, at: layer) }?.what
    }
    #expect(what(5, nil) == "There is no class 5: the model tells 5 apart.")
    #expect(what(-1, nil) == "There is no class -1: the model tells 5 apart.")
    #expect(what(0, "base/block9") == "There is no layer called `block9`.")
    #expect(what(0, "scores") == "The layer gives float32(1, 5), which has no height and width.")

    let bare = try MobileNet(inputShape: [32, 32, 3], alpha: 0.25, includeTop: false, weights: .none)
    let error = #expect(throws: KerasError.self) { try bare.gradCAM(of: picture) }
    #expect(error?.what == "The model has no classifier, so its output names no classes.")

    let image = Input(shape: [8, 8, 3])
    let flat = try ImageModel(
      Model(inputs: image, outputs: Dense(units: 3, activation: .softmax)(Flatten()(image))),
      preprocessing: .unit)
    let placeless = #expect(throws: KerasError.self) { try flat.gradCAM(of: picture) }
    #expect(placeless?.what == "No layer with weights gives features with a height and a width.")
  }

  // MARK: Models of make_explanations.py

  static func picture(_ number: Int, for model: ImageModel) throws -> Image {
    let size = model.imageSize
    let pixels = FormulaNumbers.images(
      first: 1_000_000 + number, batch: 1, height: size.height, width: size.width, channels: 3)
    return try Image(
      width: size.width, height: size.height, mode: .rgb,
      pixels: pixels.scalars(as: Float.self).map { UInt8($0) })
  }

  static func model(_ name: String) throws -> ImageModel {
    let model: ImageModel = try Session.withFresh { () throws(KerasError) in
      switch name {
      case "mobilenet":
        try MobileNet(inputShape: [96, 96, 3], alpha: 0.25, weights: .none, classes: 10)
      case "sigmoid": try nested(units: 1, .sigmoid)
      default: try nested(units: 5, .softmax)
      }
    }
    var number = 0
    for layer in leaves(of: model) {
      for weight in layer.weights {
        try weight.assign(
          FormulaNumbers.weight(
            number: number, name: weight.name, shape: weight.shape,
            isDepthwise: layer.className.hasPrefix("DepthwiseConv") && weight.name == "kernel", gammaLow: 0.8))
        number += 1
      }
    }
    return model
  }

  private static func leaves(of model: Model) -> [Layer] {
    model.layers.flatMap { layer in (layer as? Model).map(leaves) ?? [layer] }
  }

  private static func nested(units: Int, _ activation: ActivationFunction) throws(KerasError) -> ImageModel {
    let image = Input(shape: [48, 64, 3])
    let pooled = GlobalAveragePooling2D()(try residualBase()(image))
    let scores = Dense(units: units, activation: activation, name: "scores")(pooled)
    return try ImageModel(Model(inputs: image, outputs: scores), preprocessing: .unit)
  }

  private static func residualBase() throws(KerasError) -> Model {
    let image = Input(shape: [nil, nil, 3])
    func convolution(_ filters: Int, _ size: Int, strides: Int, _ name: String) -> Conv2D {
      Conv2D(
        filters: filters, kernelSize: Size2D(size, size), strides: Size2D(strides, strides), padding: .same,
        name: name)
    }
    var x = convolution(8, 3, strides: 2, "stem")(image)
    for (number, strides) in [(1, 1), (2, 2)] {
      let filters = 8 * number
      let name = "block\(number)"
      let shortcut = strides == 1 ? x : convolution(filters, 1, strides: strides, name + "_0_conv")(x)
      var y = convolution(filters, 3, strides: strides, name + "_1_conv")(x)
      y = BatchNormalization(name: name + "_1_bn")(y)
      y = Activation(.relu, name: name + "_1_relu")(y)
      y = convolution(filters, 3, strides: 1, name + "_2_conv")(y)
      x = Add(name: name + "_add")([shortcut, y])
      x = Activation(.relu, name: name + "_out")(x)
    }
    return try Model(inputs: image, outputs: x, name: "base")
  }
}

import KerasFiles
import KerasTestSupport
import Testing

@testable import KerasApplications

/// What applications can be told beside sizes and classes.
@Suite struct ApplicationArgumentTests {
  /// The model stands on another's output and has that one's input.
  @Test func aTensorInPlaceOfTheInput() throws {
    let image = Input(shape: [40, 40, 1])
    let colours = Conv2D(filters: 3, kernelSize: 1)(image)
    let model = try MobileNet(alpha: 0.25, weights: .none, inputTensor: colours, classes: 2)
    #expect(model.input.shape == [nil, 40, 40, 1] && model.output.shape == [nil, 2])
    #expect(model.name == "mobilenet_0.25_40")
    let error = #expect(throws: KerasError.self) {
      try VGG16(weights: .none, inputTensor: colours, inputShape: [41, 40, 3])
    }
    #expect(
      error?.description == """
        The input tensor has pictures of shape (40, 40, 3), not (41, 40, 3).
          in: vgg16
          try: leave inputShape out.
        """)
  }

  @Test func preprocessingInsideOrOutside() throws {
    let inside = try RegNetX002(weights: .none)
    let outside = try RegNetX002(weights: .none, includePreprocessing: false)
    #expect(inside.preprocessing == .none && outside.preprocessing == .unit)
    #expect(inside.layers.count == outside.layers.count + 1)
    #expect(try ConvNeXtTiny(weights: .none, includePreprocessing: false).preprocessing == .torch)
    let error = #expect(throws: KerasError.self) { try VGG16(weights: .none, includePreprocessing: true) }
    #expect(error?.description == "vgg16 has no argument include_preprocessing.")
  }

  /// Published weights need a layer more, and have it from any file.
  @Test func efficientNetsRescaling() throws {
    let random = try EfficientNetB0(weights: .none)
    #expect(random.layers.filter { $0 is Rescaling }.count == 1)
    let asPublished = try EfficientNetB0.setting("imagenet_rescaling", to: true)(weights: .none)
    #expect(asPublished.layers.filter { $0 is Rescaling }.count == 2)
    #expect(asPublished.parameterCount == random.parameterCount)
  }

  @Test func checkpointsOfResNetRS() throws {
    let older = try ResNetRS152.setting("weights", to: "imagenet-i192")
    #expect(try older.weightFile(for: ApplicationSettings()).fileName == "resnet-rs-152-i192.h5")
    #expect(try ResNetRS152.weightFile(for: ApplicationSettings()).fileName == "resnet-rs-152-i256.h5")
    let error = #expect(throws: KerasError.self) { try ResNetRS152.setting("weights", to: "imagenet-i160") }
    #expect(error?.description == "The argument weights of resnetrs152 cannot be \"imagenet-i160\".")
  }

  @Test func widthsThatMakeNoModel() {
    for alpha in [0, -1, .nan, 1e9] {
      #expect(throws: KerasError.self) { try MobileNetV2(alpha: alpha, weights: .none) }
      #expect(throws: KerasError.self) { try MobileNetV3Small(alpha: alpha, weights: .none) }
    }
    #expect(throws: KerasError.self) { try MobileNetV3Large(weights: .none, dropoutRate: 2) }
    #expect(throws: KerasError.self) { try VGG16(weights: .none, classes: 0) }
    let error = #expect(throws: KerasError.self) { try MobileNetV3Large(alpha: 0.75, minimalistic: true) }
    #expect(
      error?.description == """
        Weights are published for alpha 1, found 0.75.
          in: mobilenetv3large
          try: use that, or weights: .none.
        """)
  }

  /// A grouped convolution gives what the file's depthwise one and the sum behind it give.
  @Test func groupsOfResNeXt() throws {
    let (channels, width) = (64, 2)
    let image = Input(shape: [6, 6, channels])
    let depthwise = DepthwiseConv2D(kernelSize: 3, depthMultiplier: width, usesBias: false, name: "a")
    let sums = Conv2D(filters: channels, kernelSize: 1, usesBias: false, name: "b")
    let old = try Model(inputs: image, outputs: sums(depthwise(image)))
    let grouped = Conv2D(filters: channels, kernelSize: 3, groups: channels / width, usesBias: false)
    let new = try Model(inputs: image, outputs: grouped(image))
    let constant = (0..<channels * width * channels).map { place -> Float in
      let (input, filter) = (place / channels, place % channels)
      let start = filter / width * width * width + filter % width
      return stride(from: start, to: start + width * width, by: width).contains(input) ? 1 : 0
    }
    try sums.weights[0].assign(Tensor(constant, shape: [1, 1, channels * width, channels]))

    let file = [depthwise, sums].map { layer in
      StoredLayer(name: layer.name, weights: layer.weights.map { StoredWeight(name: "kernel", $0.value) })
    }
    let converted = try ResNeXt(.resNet50).converted(file)
    #expect(converted.map(\.name) == ["a"])
    try grouped.weights[0].assign(converted[0].weights[0].tensor())
    let x = try FormulaNumbers.images(first: 1, batch: 2, height: 6, width: 6, channels: channels)
    try expectClose(new.predict(x), old.predict(x), relative: 1e-4, absolute: 1e-2, what: "groups")

    try sums.weights[0].assign(Tensor(repeating: 1 as Float, shape: [1, 1, channels * width, channels]))
    #expect(throws: KerasError.self) {
      try ResNeXt(.resNet50).converted([
        file[0], StoredLayer(name: "b", weights: [StoredWeight(name: "kernel", sums.weights[0].value)]),
      ])
    }
  }
}

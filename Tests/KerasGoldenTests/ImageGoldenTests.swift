import KerasBackendTestSupport
import Foundation
import KerasTestSupport
import Testing

/// Every case of kind `image`: pictures read, resized, warped, standardized and handed out in batches.
@Suite struct ImageGoldenTests {
  static let cases = GoldenFiles.all.filter { $0.kind == "image" }

  @Test(arguments: cases)
  func golden(_ golden: GoldenCase) {
    GoldenReport.run(golden) {
      let function = try golden.text("function")
      if function.hasPrefix("ops.image.") {
        return try ImageCase(golden).expectOperation(String(function.dropFirst("ops.image.".count)))
      }
      guard let check = Self.checks[function] else { throw UnsupportedGolden("the function \(function)") }
      try check(ImageCase(golden))
    }
  }

  /// So that a folder that is not found does not look like one that passes.
  @Test func thereAreCases() { #expect(GoldenFiles.isFolderNamed || Self.cases.count >= 20) }

  private typealias Check = @Sendable (ImageCase) throws -> Void

  private static let checks: [String: Check] = [
    "apply_affine_transform": {
      try $0.expect($0.generator().applying($0.transform($0.arguments), to: $0.x))
    },
    "apply_channel_shift": {
      let transform = ImageTransform(channelShift: try $0.number("intensity"))
      try $0.expect(ImageDataGenerator().applying(transform, to: $0.x))
    },
    "apply_brightness_shift": {
      try $0.expect(
        brightened($0.x, by: $0.number("brightness"), stretches: $0.arguments["scale"]?.bool ?? true))
    },
    "array_to_img": { try $0.expectPicture() },
    "img_to_array": { try $0.expect($0.picture().tensor(dataFormat: $0.dataFormat)) },
    "load_img": { try $0.expectLoading() },
    "decode_jpeg": { try $0.expectDecoding() },
    "preprocess_input": { try $0.expectPreprocessing() },
    "decode_predictions": { try $0.expectPredictions() },
    "smart_resize": {
      let size = try $0.integers("size")
      try $0.expect(
        Ops.resize(
          $0.x, height: size[0], width: size[1], interpolation: $0.choice("interpolation") ?? .bilinear,
          fitting: .crop))
    },
    "ImageDataGenerator.apply_transform": {
      try $0.expect($0.generator().applying($0.transform($0.arguments["transform"]?.object ?? [:]), to: $0.x))
    },
    "ImageDataGenerator.random_transform": { try $0.expectRandomTransform() },
    "ImageDataGenerator.standardize": { try $0.expect($0.generator().standardizing($0.x)) },
    "ImageDataGenerator.fit": { try $0.expectFit() },
    "ImageDataGenerator.flow": { try $0.expectFlow() },
  ]
}

/// One case, its arguments, and how to compare what becomes of them.
private struct ImageCase {
  let golden: GoldenCase
  let arguments: JSONObject
  let inputs: [Tensor]

  init(_ golden: GoldenCase) throws {
    self.golden = golden
    arguments = try JSON(parsing: golden.text("arguments")).object ?? [:]
    inputs = try golden.tensors(in: "inputs")
  }

  var x: Tensor { inputs[0] }
  var dataFormat: DataFormat { choice("data_format") ?? .channelsLast }

  func number(_ key: String) throws -> Double {
    try arguments[key]?.number ?? { throw GoldenError("no number \(key)") }()
  }

  func integers(_ key: String) throws -> [Int] {
    try arguments[key]?.array?.compactMap(\.integer) ?? { throw GoldenError("no numbers \(key)") }()
  }

  func choice<Choice: RawRepresentable>(_ key: String) -> Choice? where Choice.RawValue == String {
    arguments[key]?.string.flatMap(Choice.init(rawValue:))
  }

  func expect(_ got: Tensor, _ number: Int = 0) throws { try golden.expect(got, equals: "outputs/\(number)") }

  // MARK: Pictures

  /// The pixels of a case as a picture.
  func picture() throws -> Image {
    let shape = x.shape
    let mode: Image.Mode = shape.count == 2 || shape[2] == 1 ? .grayscale : shape[2] == 4 ? .rgba : .rgb
    return try Image(width: shape[1], height: shape[0], mode: mode, pixels: x.scalars())
  }

  func expectPicture() throws {
    let image = try Image(tensor: x, dataFormat: dataFormat, scale: arguments["scale"]?.bool ?? true)
    let modes: [Image.Mode: String] = [.grayscale: "L", .rgb: "RGB", .rgba: "RGBA", .grayscale16: "I"]
    let mode = try JSON(parsing: golden.text("expect")).string
    guard modes[image.mode] == mode else { throw GoldenError("expected \(mode ?? ""), found \(image.mode)") }
    let shape =
      image.mode == .grayscale
      ? [image.height, image.width] : [image.height, image.width, image.mode.channelCount]
    try expect(Tensor(image.pixels, shape: shape))
  }

  private func loaded(_ path: String) throws -> Image {
    let size = arguments["target_size"]?.array?.compactMap(\.integer)
    return try Image.load(
      from: path, colorMode: choice("color_mode") ?? .rgb,
      targetSize: size.map { ImageSize(height: $0[0], width: $0[1]) },
      interpolation: choice("interpolation") ?? .nearest,
      keepsAspectRatio: arguments["keep_aspect_ratio"]?.bool ?? false)
  }

  func expectLoading() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "keras-\(UUID().uuidString).png").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try picture().save(to: path, as: .png)
    try expect(loaded(path).tensor())
  }

  func expectDecoding() throws {
    let bytes: [UInt8] = x.scalars()
    let mode: ColorMode = choice("color_mode") ?? .rgb
    let image = try Image(data: bytes, colorMode: mode)
    let whole = image.tensor()
    let (top, left) = ((image.height - 48) / 2, (image.width - 48) / 2)
    try expect(Ops.cropImages(whole, top: top, left: left, height: 48, width: 48))
    let axes = [0, 1]
    try expect(Ops.stack([whole.mean(axes: axes), Ops.standardDeviation(whole, axes: axes)]), 1)
    let small = try image.resized(to: ImageSize(side: 32), using: .bilinear)
    try expect(small.tensor(), 2)
    try expect(Tensor([Int32(image.height), Int32(image.width), Int32(image.mode.channelCount)]), 3)
  }

  // MARK: Applications

  func expectPreprocessing() throws {
    if let module = arguments["module"]?.string {
      guard let model = Self.models[module] else { throw UnsupportedGolden("the module \(module)") }
      return try expect(ModelCatalog.application(named: model).preprocessing(x, dataFormat: dataFormat))
    }
    let modes: [String: PreprocessingMode] = ["caffe": .caffe, "tf": .tf, "torch": .torch]
    guard let mode = modes[arguments["mode"]?.string ?? ""] else { throw UnsupportedGolden("that mode") }
    try expect(mode(x, dataFormat: dataFormat))
  }

  /// A model of each module of `keras.applications`.
  private static let models = [
    "vgg16": "vgg16", "vgg19": "vgg19", "resnet": "resnet50", "resnet50": "resnet50",
    "resnet_v2": "resnet50v2",
    "inception_v3": "inceptionv3", "inception_resnet_v2": "inceptionresnetv2", "xception": "xception",
    "mobilenet": "mobilenet", "mobilenet_v2": "mobilenetv2", "mobilenet_v3": "mobilenetv3small",
    "densenet": "densenet121", "nasnet": "nasnetmobile", "efficientnet": "efficientnetb0",
    "efficientnet_v2": "efficientnetv2b0", "convnext": "convnexttiny",
  ]

  func expectPredictions() throws {
    let top = arguments["top"]?.integer ?? 5
    let want = try JSON(parsing: golden.text("expect")).array ?? []
    let labels = ClassLabels.imageNet.labels
    for (row, classes) in want.enumerated() {
      let scores: [Float] = try x.rows(row..<row + 1).scalars()
      let best = scores.indices.sorted { scores[$0] > scores[$1] }.prefix(top)
      for (place, (index, wanted)) in zip(best, classes.array ?? []).enumerated() {
        guard labels[index].id == wanted[0]?.string, labels[index].name == wanted[1]?.string else {
          throw GoldenError("row \(row), place \(place): expected \(wanted.text()), found \(labels[index])")
        }
      }
    }
  }

  // MARK: Operations

  /// On every backend.
  func expectOperation(_ function: String) throws {
    for backend in backendsUnderTest {
      let graph = GraphBuilder()
      let values = inputs.map { graph[graph.input($0.spec)] }
      let output = try result(function, values).value
      let program = try backend.prepare(graph.finish(returning: [output]), options: ProgramOptions())
      try expect(program.run(inputs)[0])
    }
  }

  private func result(_ function: String, _ values: [RecordedValue]) throws -> RecordedValue {
    let (images, format) = (values[0], dataFormat)
    func integer(_ key: String) -> Int? { arguments[key]?.integer }
    func pair(_ key: String) -> [Int]? {
      arguments[key]?.integer.map { [$0, $0] } ?? arguments[key]?.array?.compactMap(\.integer)
    }
    func flag(_ key: String) -> Bool { arguments[key]?.bool ?? false }
    let fill = arguments["fill_value"]?.number ?? 0
    switch function {
    case "resize":
      let size = pair("size") ?? []
      return try Ops.resize(
        images, height: size[0], width: size[1], interpolation: choice("interpolation") ?? .bilinear,
        fitting: flag("crop_to_aspect_ratio") ? .crop : flag("pad_to_aspect_ratio") ? .pad(fill) : .stretch,
        antialiases: flag("antialias"), dataFormat: format)
    case "affine_transform":
      return try Ops.affineTransform(
        images, values[1], sampling: choice("interpolation") ?? .bilinear,
        filling: choice("fill_mode") ?? .constant,
        fillValue: fill, dataFormat: format)
    case "perspective_transform":
      return try Ops.perspectiveTransform(
        images, startPoints: values[1], endPoints: values[2], sampling: choice("interpolation") ?? .bilinear,
        fillValue: fill, dataFormat: format)
    case "map_coordinates":
      return try Ops.mapCoordinates(
        images, values[1], sampling: integer("order") == 0 ? .nearest : .bilinear,
        filling: choice("fill_mode") ?? .constant, fillValue: fill)
    case "gaussian_blur":
      return try Ops.gaussianBlur(
        images, size: pair("kernel_size") ?? [3, 3],
        sigma: arguments["sigma"]?.number.map { [$0, $0] } ?? arguments["sigma"]?.array?.compactMap(\.number)
          ?? [1, 1],
        dataFormat: format)
    case "extract_patches":
      return try Ops.extractPatches(
        images, size: pair("size") ?? [], strides: pair("strides"),
        dilations: pair("dilation_rate") ?? [1, 1],
        padding: choice("padding") ?? .valid, dataFormat: format)
    case "crop_images":
      return try Ops.cropImages(
        images, top: integer("top_cropping"), left: integer("left_cropping"),
        bottom: integer("bottom_cropping"),
        right: integer("right_cropping"), height: integer("target_height"), width: integer("target_width"),
        dataFormat: format)
    case "pad_images":
      return try Ops.padImages(
        images, top: integer("top_padding"), left: integer("left_padding"), bottom: integer("bottom_padding"),
        right: integer("right_padding"), height: integer("target_height"), width: integer("target_width"),
        dataFormat: format)
    case "rgb_to_grayscale": return try Ops.rgbToGrayscale(images, dataFormat: format)
    case "rgb_to_hsv": return try Ops.rgbToHSV(images, dataFormat: format)
    case "hsv_to_rgb": return try Ops.hsvToRGB(images, dataFormat: format)
    default: throw UnsupportedGolden("the function ops.image.\(function)")
    }
  }

  // MARK: Generators

  /// The generator of a case; warps alone are said as arguments of their own.
  func generator() throws -> ImageDataGenerator {
    let settings = arguments["generator"]?.object ?? arguments
    func number(_ key: String) -> Double? { settings[key]?.number }
    func flag(_ key: String) -> Bool { settings[key]?.bool ?? false }
    func range(_ key: String) -> ClosedRange<Double>? {
      settings[key]?.array.map { ($0[0].number ?? 0)...($0[1].number ?? 0) }
    }
    func shift(_ key: String) -> ImageDataGenerator.ShiftRange {
      guard let json = settings[key], !json.isNull else { return .none }
      if let list = json.array { return .choices(list.compactMap(\.number)) }
      if let count = json.integer { return .pixels(count) }
      return .fraction(json.number ?? 0)
    }
    let zoom = settings["zoom_range"]?.number.map { 1 - $0...1 + $0 } ?? range("zoom_range") ?? 1...1
    return try ImageDataGenerator(
      featurewiseCenter: flag("featurewise_center"), samplewiseCenter: flag("samplewise_center"),
      featurewiseStdNormalization: flag("featurewise_std_normalization"),
      samplewiseStdNormalization: flag("samplewise_std_normalization"), zcaWhitening: flag("zca_whitening"),
      zcaEpsilon: number("zca_epsilon") ?? 1e-6, rotationRange: number("rotation_range") ?? 0,
      widthShiftRange: shift("width_shift_range"), heightShiftRange: shift("height_shift_range"),
      brightnessRange: range("brightness_range"), shearRange: number("shear_range") ?? 0, zoomRange: zoom,
      channelShiftRange: number("channel_shift_range") ?? 0,
      fillMode: settings["fill_mode"]?.string.flatMap(PictureFillMode.init(rawValue:)) ?? .nearest,
      fillValue: number("cval") ?? 0, horizontalFlip: flag("horizontal_flip"),
      verticalFlip: flag("vertical_flip"),
      rescale: number("rescale"),
      dataFormat: settings["data_format"]?.string.flatMap(DataFormat.init(rawValue:)) ?? .channelsLast,
      validationSplit: number("validation_split") ?? 0,
      interpolationOrder: settings["interpolation_order"]?.integer ?? settings["order"]?.integer ?? 1)
  }

  func transform(_ settings: JSONObject) -> ImageTransform {
    func number(_ key: String, _ standard: Double) -> Double { settings[key]?.number ?? standard }
    return ImageTransform(
      AffineWarp(
        rotation: number("theta", 0), shiftX: number("tx", 0), shiftY: number("ty", 0),
        shear: number("shear", 0),
        zoomX: number("zx", 1), zoomY: number("zy", 1)),
      flipsHorizontally: settings["flip_horizontal"]?.bool ?? false,
      flipsVertically: settings["flip_vertical"]?.bool ?? false,
      channelShift: settings["channel_shift_intensity"]?.number, brightness: settings["brightness"]?.number)
  }

  func expectRandomTransform() throws {
    let generator = try generator()
    let isLast = generator.dataFormat == .channelsLast
    let transform = generator.randomTransform(
      height: x.shape[isLast ? 0 : 1], width: x.shape[isLast ? 1 : 2],
      seed: UInt32(arguments["seed"]?.integer ?? 0))
    try expect(generator.applying(transform, to: x))
  }

  func expectFit() throws {
    var generator = try generator()
    try generator.fit(
      x, augmenting: arguments["augment"]?.bool ?? false, rounds: arguments["rounds"]?.integer ?? 1,
      seed: UInt32(arguments["seed"]?.integer ?? 0))
    let standardized = try (0..<inputs[1].shape[0]).map { row in
      try generator.standardizing(
        inputs[1].rows(row..<row + 1).reshaped(to: Array(inputs[1].shape.dropFirst())))
    }
    try expect(Ops.stack(standardized))
    var number = 1
    let isLast = generator.dataFormat == .channelsLast
    for numbers in [generator.mean, generator.standardDeviation] {
      guard let numbers else { continue }
      try expect(
        Tensor(numbers).reshaped(to: isLast ? [1, 1, numbers.count] : [numbers.count, 1, 1]), number)
      number += 1
    }
    if let matrix = generator.whiteningMatrix { try expect(matrix, number) }
  }

  func expectFlow() throws {
    let subset: FolderSubset? = choice("subset")
    let flow = try generator().flow(
      x, inputs.count > 1 ? inputs[1] : nil, batchSize: arguments["batch_size"]?.integer ?? 32,
      shuffles: arguments["shuffle"]?.bool ?? false, sampleWeights: inputs.count > 2 ? inputs[2] : nil,
      seed: arguments["seed"]?.integer.map(UInt32.init), subset: subset)
    let wanted = try golden.names(in: "outputs").count
    var (number, epoch) = (0, 0)
    while number < wanted {
      let stream = try flow.batches(inEpoch: epoch)
      while number < wanted, let batch = try stream.next() {
        for tensor in batch.inputs + batch.targets + batch.sampleWeights where number < wanted {
          try expect(tensor, number)
          number += 1
        }
      }
      epoch += 1
    }
  }
}

/// `apply_brightness_shift`, which stretches unless told otherwise.
private func brightened(_ picture: Tensor, by factor: Double, stretches: Bool) throws -> Tensor {
  guard stretches else {
    return try ImageDataGenerator().applying(ImageTransform(brightness: factor), to: picture)
  }
  let stretched = try Image(tensor: picture, scale: true).tensor()
  return try ImageDataGenerator().applying(ImageTransform(brightness: factor), to: stretched)
}

import KerasBackendTestSupport
import Foundation
import KerasTestSupport
import Testing

@testable import KerasModels

/// Every case file in the goldens folders, on every backend: names, shapes and numbers of whole networks.
@Suite struct ApplicationGoldenTests {
  struct Run: Sendable, CustomTestStringConvertible {
    let golden: GoldenCase
    let backend: String
    var testDescription: String { "\(golden.testDescription) on \(backend)" }
  }
  /// What other runners check; kinds that nobody does yet are noted here as unsupported.
  private static let othersKinds: Set = [
    "layer", "activation", "initializer", "regularizer", "constraint", "saved_model",
  ]
  static let runs = GoldenFiles.all.filter { !othersKinds.contains($0.kind) }.flatMap { golden in
    backendsUnderTest.map { Run(golden: golden, backend: $0.name) }
  }

  @Test(arguments: runs)
  func golden(_ run: Run) {
    GoldenReport.run(run.golden, on: run.backend) {
      guard run.golden.kind == "application" else {
        throw UnsupportedGolden("the kind \(run.golden.kind)")
      }
      try check(run.golden, on: run.backend)
    }
  }

  /// So that a folder that is not found does not look like one that passes.
  @Test func thereAreCases() throws {
    let functions = try GoldenFiles.all.filter { $0.kind == "application" }.map { try $0.text("function") }
    #expect(!GoldenFiles.all.isEmpty)
    if !GoldenFiles.isFolderNamed {
      #expect(Set(functions).isSuperset(of: ["VGG16", "ResNet50", "ResNet50V2", "MobileNet", "ConvNeXtTiny", "RegNetY002"]))
    }
  }

  private func check(_ golden: GoldenCase, on backend: String) throws {
    let application = try application(golden)
    let model = try Session.withFresh { try makeModel(application, golden) }
    try expectArchitecture(of: model, golden)
    try setWeights(of: model, golden)

    let images = try golden.json("images", as: Images.self)
    // As the module's `preprocess_input`, which does not know the model's arguments.
    var input = try application.preprocessing(
      FormulaNumbers.images(
        first: images.first, batch: images.batch, height: images.height, width: images.width,
        channels: images.channels))
    if let scale = images.scale {
      let offset = images.offset ?? 0
      input = try Tensor(input.scalars().map { $0 * Float(scale) + Float(offset) }, shape: input.shape)
    }
    let taps = try golden.names(in: "taps")
    let outputs =
      try taps.map { try model.layer(named: isTFKeras(golden) ? Keras2Names.translated($0) : $0).output() }
      + [model.output]
    let tapped = try Model(inputs: model.inputs, outputs: outputs, name: model.name)
    let results = try tapped.predict([input], options: ComputeOptions(backend: backend))
    for (tap, result) in zip(taps, results) { try expectTap(tap, result, golden) }
    try golden.expect(results[taps.count], equals: "outputs/0")
    // Asked for nothing else, the same model may fuse more.
    try golden.expect(
      model.predict(input, options: ComputeOptions(backend: backend)), equals: "outputs/0")
  }

  private func isTFKeras(_ golden: GoldenCase) -> Bool { (try? golden.text("api")) == "tf_keras" }

  private func expectArchitecture(of model: ImageModel, _ golden: GoldenCase) throws {
    func expect<Value: Equatable>(_ got: Value, _ want: Value, _ what: String) throws {
      if got != want { throw GoldenError("\(what): expected \(want), found \(got)") }
    }
    func expectAll<Value: Equatable>(_ got: [Value], _ want: [Value], _ what: String) throws {
      for (index, (got, want)) in zip(got, want).enumerated() { try expect(got, want, "\(what) \(index)") }
      try expect(got.count, want.count, "number of \(what)")
    }
    // Keras 3 does not count its operations among the layers, Keras 2 does.
    var layers = model.layers
    var (names, classes) = (
      try golden.json("layer_names", as: [String].self), try golden.json("layer_classes", as: [String].self))
    if isTFKeras(golden) {
      (names, classes) = (names.map(Keras2Names.translated), zip(names, classes).map(Keras2Names.translated))
    } else {
      layers = layers.filter { !($0 is OperationLayer) }
    }
    try expect(model.name, golden.text("model_name"), "model name")
    try expectAll(layers.map(\.name), names, "layer name")
    try expectAll(layers.map(\.className), classes, "layer class")
    try expectAll(model.weights.map(\.path), golden.json("weight_names"), "weight name")
    try expectAll(model.weights.map(\.shape), golden.json("weight_shapes"), "weight shape")
    try expect(Double(model.parameterCount), golden.number("param_count"), "parameters")
    let shapes = try golden.json("layer_output_shapes", as: [[Int?]].self)
    try expectAll(layers.map { $0.calls[0].outputSpecs[0].shape }, shapes.map { Shape($0) }, "output shape")
  }

  private func setWeights(of model: ImageModel, _ golden: GoldenCase) throws {
    let gammaLow = try golden.number("gamma_low")
    var number = 0
    for layer in model.layers {
      for weight in layer.weights {
        try weight.assign(
          FormulaNumbers.weight(
            number: number, name: weight.name, shape: weight.shape,
            isDepthwise: layer.className.hasPrefix("DepthwiseConv") && weight.name == "kernel",
            gammaLow: gammaLow, dataType: weight.dataType))
        number += 1
      }
    }
  }

  /// Mean, standard deviation and the first eight values of an inner layer's output.
  private func expectTap(_ name: String, _ result: Tensor, _ golden: GoldenCase) throws {
    let values: [Double] = result.scalars()
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    let found = Tensor([mean, variance.squareRoot()] + values.prefix(8))
    let want = try golden.tensor("taps/\(name)")
    try expectClose(
      found, want, relative: golden.relativeTolerance, absolute: 2e-4 * want.scalars(as: Double.self)[1],
      what: "taps/\(name)")
  }

  private func application(_ golden: GoldenCase) throws -> Application {
    let function = try golden.text("function")
    guard let application = ModelCatalog.all.first(where: { $0.name == function }) else {
      throw UnsupportedGolden("the application \(function)")
    }
    return application
  }

  private func makeModel(_ plain: Application, _ golden: GoldenCase) throws -> ImageModel {
    var application = plain
    var settings = ApplicationSettings()
    settings.weights = .none
    for (key, value) in try JSON(parsing: golden.text("arguments")).object ?? [:] {
      if value == .null {
        // Python's None: the default, but for the activation, where it means none.
        if key == "classifier_activation" { settings.classifierActivation = .linear }
        continue
      }
      switch key {
      case "include_top": settings.includeTop = value.bool ?? true
      case "classes": settings.classes = value.integer ?? 0
      case "pooling": settings.pooling = value.string.flatMap(FeaturePooling.init(rawValue:))
      case "classifier_activation":
        settings.classifierActivation = try ActivationFunction(named: value.string ?? "")
      case "input_shape": settings.inputShape = Shape((value.array ?? []).map(\.integer))
      case "name", "model_name": settings.name = value.string
      default: application = try application.setting(key, to: value)
      }
    }
    return try application.makeModel(settings)
  }
}

/// Which pictures a case is about.
private struct Images: Decodable {
  let batch: Int
  let height: Int
  let width: Int
  let channels: Int
  let first: Int
  let scale: Double?
  let offset: Double?
}

/// Automatic names as TF-Keras gives them, in Keras 3's spelling.
private enum Keras2Names {
  /// `input_1` → `input_layer`, `tf.__operators__.add_3` → `add_3`.
  static func translated(_ name: String) -> String {
    if let number = name.wholeMatch(of: /input_(\d+)/).flatMap({ Int($0.1) }) {
      return number == 1 ? "input_layer" : "input_layer_\(number - 1)"
    }
    return name.replacing(/^tf\.(__operators__|math)\./, with: "")
  }

  static func translated(_ name: String, _ className: String) -> String {
    guard className == "TFOpLambda" else { return className }
    return name.contains("multiply") ? "Multiply" : "Add"
  }
}

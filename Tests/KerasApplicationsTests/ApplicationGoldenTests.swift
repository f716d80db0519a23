import Foundation
import KerasTestSupport
import Testing

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
    Backends.all.map { Run(golden: golden, backend: $0.name) }
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
      #expect(Set(functions).isSuperset(of: ["VGG16", "ResNet50", "ResNet50V2", "MobileNet"]))
    }
  }

  private func check(_ golden: GoldenCase, on backend: String) throws {
    let model = try Session.withFresh { try makeModel(golden) }
    try expectArchitecture(of: model, golden)
    try setWeights(of: model, golden)

    let images = try golden.json("images", as: Images.self)
    var input = try model.preprocessing(
      FormulaNumbers.images(
        first: images.first, batch: images.batch, height: images.height, width: images.width,
        channels: images.channels))
    if let scale = images.scale {
      let offset = images.offset ?? 0
      input = try Tensor(input.scalars().map { $0 * Float(scale) + Float(offset) }, shape: input.shape)
    }
    let taps = try golden.names(in: "taps")
    let outputs = try taps.map { try model.layer(named: $0).output() } + [model.output]
    let tapped = try Model(inputs: model.inputs, outputs: outputs, name: model.name)
    let results = try tapped.predict([input], options: ComputeOptions(backend: backend))
    for (tap, result) in zip(taps, results) { try expectTap(tap, result, golden) }
    try golden.expect(results[taps.count], equals: "outputs/0")
    // Asked for nothing else, the same model may fuse more.
    try golden.expect(
      model.predict(input, options: ComputeOptions(backend: backend)), equals: "outputs/0")
  }

  private func expectArchitecture(of model: ImageModel, _ golden: GoldenCase) throws {
    func expect<Value: Equatable>(_ got: Value, _ want: Value, _ what: String) throws {
      if got != want { throw GoldenError("\(what): expected \(want), found \(got)") }
    }
    try expect(model.name, golden.text("model_name"), "model name")
    try expect(model.layers.map(\.name), golden.json("layer_names"), "layer names")
    try expect(model.layers.map(\.className), golden.json("layer_classes"), "layer classes")
    try expect(model.weights.map(\.path), golden.json("weight_names"), "weight names")
    try expect(model.weights.map(\.shape), golden.json("weight_shapes"), "weight shapes")
    try expect(Double(model.parameterCount), golden.number("param_count"), "parameters")
    let shapes = try golden.json("layer_output_shapes", as: [[Int?]].self)
    try expect(model.layers.map { $0.calls[0].outputSpecs[0].shape }, shapes.map { Shape($0) }, "output shapes")
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

  private func makeModel(_ golden: GoldenCase) throws -> ImageModel {
    let function = try golden.text("function")
    guard let application = ModelCatalog.all.first(where: { $0.name == function }) else {
      throw UnsupportedGolden("the application \(function)")
    }
    return try makeModel(application, golden)
  }

  private func makeModel(_ plain: Application, _ golden: GoldenCase) throws -> ImageModel {
    var application = plain
    var settings = ApplicationSettings()
    settings.weights = .none
    for (key, value) in try golden.jsonObject("arguments") {
      if value is NSNull {
        // Python's None: the default, but for the activation, where it means none.
        if key == "classifier_activation" { settings.classifierActivation = .linear }
        continue
      }
      switch (key, value) {
      case ("include_top", let value as Bool): settings.includeTop = value
      case ("classes", let value as Int): settings.classes = value
      case ("pooling", let value as String): settings.pooling = FeaturePooling(rawValue: value)
      case ("classifier_activation", let value as String):
        settings.classifierActivation = try ActivationFunction(named: value)
      case ("input_shape", let value as [Any]): settings.inputShape = Shape(value.map { $0 as? Int })
      case ("name", let value as String): settings.name = value
      case (_, let value as Int) where application.familyArguments.contains(key):
        application = try application.setting(key, to: .integer(value))
      case (_, let value as Double) where application.familyArguments.contains(key):
        application = try application.setting(key, to: .number(value))
      default: throw UnsupportedGolden("the argument \(key) = \(value)")
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

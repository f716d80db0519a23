import KerasBackendTestSupport
import KerasLayers
import KerasModels
import KerasTestSupport
import KerasTraining
import Testing

/// Every case of the kind `training` on every backend: a model compiled as the case says and trained for some epochs
/// ends with Keras' weights, history, evaluation and predictions.
@Suite struct TrainingGoldenTests {
  struct Run: Sendable, CustomTestStringConvertible {
    let golden: GoldenCase
    let backend: String
    var testDescription: String { "\(golden.testDescription) on \(backend)" }
  }

  static let cases = GoldenFiles.all.filter { $0.kind == "training" }

  @Test(arguments: cases.flatMap { golden in backendsUnderTest.map { Run(golden: golden, backend: $0.name) } })
  func golden(_ run: Run) {
    let golden = run.golden
    GoldenReport.run(golden, on: run.backend) { try check(golden, on: run.backend) }
  }

  /// So that a folder that is not found does not look like one that passes.
  @Test func thereAreCases() { #expect(GoldenFiles.isFolderNamed || !Self.cases.isEmpty) }

  private func check(_ golden: GoldenCase, on backend: String) throws {
    let model = try Model.fromConfig(golden.config())
    for (weight, value) in zip(model.weights, try golden.tensors(in: "weights")) { try weight.assign(value) }
    let compile = try JSON(parsing: golden.text("compile")).object ?? [:]
    try model.compile(config: compile, options: ComputeOptions(backend: backend))
    let fit = try JSON(parsing: golden.text("fit"))
    guard let batchSize = fit["batch_size"]?.integer, let epochs = fit["epochs"]?.integer else {
      throw GoldenError("fit says no batch size and epochs")
    }
    let classes = fit["class_weight"]?.object?.compactMap { key, value -> (Int, Double)? in
      guard let number = Int(key), let weight = value.number else { return nil }
      return (number, weight)
    }
    let (x, y) = (try golden.tensors(in: "inputs"), try golden.tensors(in: "targets"))
    let weights = try golden.has("sample_weights") ? try golden.tensors(in: "sample_weights") : []
    let history = try model.fit(
      x, y, sampleWeights: weights, batchSize: batchSize, epochs: epochs, shuffles: false,
      classWeights: classes.map { Dictionary(uniqueKeysWithValues: $0) }, verbosity: .silent)

    let wanted = try JSON(parsing: golden.text("history")).object ?? [:]
    guard Set(wanted.keys) == Set(history.metrics.keys) else {
      throw GoldenError("history has \(history.metrics.keys.sorted()), expected \(wanted.keys.sorted())")
    }
    for (name, values) in wanted {
      try expect(history[name] ?? [], values.array?.compactMap(\.number) ?? [], golden, "history \(name)")
    }
    try golden.expect(Tensor((history["loss"] ?? []).map(Float.init)), equals: "losses")
    for (index, weight) in model.weights.enumerated() {
      try golden.expect(weight.value, equals: "weights_after/\(index)")
    }
    let found = try model.evaluate(x, y, sampleWeights: weights, batchSize: batchSize, verbosity: .silent)
    let evaluated = try JSON(parsing: golden.text("evaluate")).object ?? [:]
    guard Set(evaluated.keys) == Set(found.names) else {
      throw GoldenError("evaluation has \(found.names), expected \(evaluated.keys.sorted())")
    }
    for (name, value) in evaluated {
      try expect([found[name] ?? .nan], [value.number ?? .nan], golden, "evaluation \(name)")
    }
    for (index, output) in try model.predict(x, options: ComputeOptions(backend: backend)).enumerated() {
      try golden.expect(output, equals: "outputs/\(index)")
    }
  }

  private func expect(_ got: [Double], _ want: [Double], _ golden: GoldenCase, _ what: String) throws {
    guard got.count == want.count,
      zip(got, want).allSatisfy({
        abs($0 - $1) <= golden.absoluteTolerance + golden.relativeTolerance * abs($1)
      })
    else { throw GoldenError("\(what): \(got), expected \(want)") }
  }
}

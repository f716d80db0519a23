import KerasBackendTestSupport
import KerasGraph
import KerasLayers
import KerasTestSupport
import KerasTraining
import Testing

/// Every case of the kinds `loss`, `metric`, `optimizer` and `schedule` on every backend, and settings read and written.
@Suite struct TrainingFunctionGoldenTests {
  struct Run: Sendable, CustomTestStringConvertible {
    let golden: GoldenCase
    let backend: String
    var testDescription: String { "\(golden.testDescription) on \(backend)" }
  }

  static let kinds = ["loss", "metric", "optimizer", "schedule"]
  static let cases = GoldenFiles.all.filter { kinds.contains($0.kind) }

  @Test(arguments: cases.flatMap { golden in backendsUnderTest.map { Run(golden: golden, backend: $0.name) } })
  func golden(_ run: Run) {
    let golden = run.golden
    GoldenReport.run(golden, on: run.backend) {
      let backend = try Backends.backend(named: run.backend)
      switch golden.kind {
      case "loss": try checkLoss(golden, on: backend)
      case "metric": try checkMetric(golden, on: backend)
      case "optimizer": try checkOptimizer(golden, on: backend)
      default: try checkSchedule(golden, on: backend)
      }
    }
  }

  @Test(arguments: cases)
  func settings(_ golden: GoldenCase) {
    GoldenReport.run(golden, on: "settings") {
      let config = try golden.config()
      let written =
        switch golden.kind {
        case "loss": try Losses.make(config).json
        case "metric": try Metrics.make(config).json
        case "optimizer": try Optimizers.make(config).json
        default: try LearningRateSchedules.make(config).json
        }
      try expectSameSettings(written, config, at: golden.id)
    }
  }

  /// So that a folder that is not found does not look like one that passes.
  @Test func thereAreCasesOfEveryKind() {
    #expect(GoldenFiles.isFolderNamed || Set(Self.cases.map(\.kind)) == Set(Self.kinds))
  }

  private func checkLoss(_ golden: GoldenCase, on backend: any Backend) throws {
    let loss = try Losses.make(golden.config())
    var inputs = [try golden.tensor("y_true"), try golden.tensor("y_pred")]
    if try golden.has("sample_weight") { inputs.append(try golden.tensor("sample_weight")) }
    let graph = GraphBuilder()
    let values = inputs.map { graph.input($0.spec) }
    let (target, prediction) = (graph[values[0]], graph[values[1]])
    let value = try loss.record(
      target, prediction, weights: values.count > 2 ? graph[values[2]] : nil)
    let total = try value.total().value
    let seed = graph.scalar(1)
    let gradient = try graph.gradients(from: [(output: total, gradient: seed)], to: [values[1]])[0]
    let each = try loss.values(target, prediction).values
    let outputs = [
      try value.value, try gradient.orElse(graph.zeros(like: values[1])), try each.value,
    ]
    let program = try backend.prepare(optimizing: graph.finish(returning: outputs)).program
    let results = try program.run(inputs)
    try golden.expect(results[0], equals: "outputs/0")
    if try golden.has("grad_y_pred") { try golden.expect(results[1], equals: "grad_y_pred") }
    if try golden.has("per_sample") { try golden.expect(results[2], equals: "per_sample") }
  }

  private func checkMetric(_ golden: GoldenCase, on backend: any Backend) throws {
    let metric = try Metrics.make(golden.config())
    let predictions = try golden.tensors(in: "y_pred")
    let targets = try golden.has("y_true") ? try golden.tensors(in: "y_true") : predictions
    let weights = try golden.has("sample_weight") ? try golden.tensors(in: "sample_weight") : nil
    let kept = try metric.states(target: targets[0].spec, prediction: predictions[0].spec)
    let graph = GraphBuilder()
    let target = graph[graph.input(targets[0].spec)]
    let prediction = graph[graph.input(predictions[0].spec)]
    let weight = weights.map { graph[graph.input($0[0].spec)] }
    let states = kept.map { graph[graph.input($0.initial.spec)] }
    let batch = MetricBatch(target: target, prediction: prediction, weights: weight)
    let updated = try metric.update(states, with: batch)
    var outputs = [try metric.result(updated).value]
    for state in updated { outputs.append(try state.value) }
    let program = try backend.prepare(optimizing: graph.finish(returning: outputs)).program
    var current = kept.map(\.initial)
    for number in predictions.indices {
      let inputs = [targets[number], predictions[number]] + (weights.map { [$0[number]] } ?? [])
      let results = try program.run(inputs + current)
      try golden.expect(results[0], equals: "outputs/\(number)")
      current = Array(results.dropFirst())
    }
  }

  private func checkOptimizer(_ golden: GoldenCase, on backend: any Backend) throws {
    let optimizer = try Optimizers.make(golden.config())
    let initial = try golden.tensors(in: "variables")
    let variables = initial.enumerated().map { number, tensor in
      Variable(
        name: "v\(number)", path: "v\(number)", shape: tensor.shape, initializer: ConstantInitializer(tensor),
        isTrainable: true, stream: RandomStream(seed: 0))
    }
    let recorder = StepRecorder(isTraining: true)
    let gradients = initial.map { recorder.input($0.spec) }
    try optimizer.apply(gradients, to: variables, in: recorder)
    let states = ResidentStates(on: backend)
    optimizer.reside(in: states)
    let session = try states.prepare(recorder.finish(returning: []))
    var number = 0
    while (try? golden.tensor("grads/\(number)/0")) != nil {
      try session.step(golden.tensors(in: "grads/\(number)"))
      for (index, variable) in variables.enumerated() {
        try golden.expect(variable.value, equals: "after/\(number)/\(index)")
      }
      number += 1
    }
    // As Keras counts: steps that changed weights.
    guard number > 0, optimizer.iterations == number / (optimizer.accumulationSteps ?? 1) else {
      throw GoldenError("\(number) steps were taken, counted \(optimizer.iterations)")
    }
    // What it keeps, in the order of files.
    let entries = optimizer.entries(for: variables)
    let names = try JSON(parsing: golden.text("state_names")).array?.compactMap(\.string) ?? []
    guard names.count == entries.count else {
      throw GoldenError("keeps \(entries.map(\.name)), expected \(names)")
    }
    for (index, entry) in entries.enumerated() {
      let value = try optimizer.value(of: entry)
      try golden.expect(
        value.converted(to: golden.tensor("state/\(index)").dataType), equals: "state/\(index)")
    }
    if try golden.has("final") {
      try optimizer.finalizeWeights(variables)
      for (index, variable) in variables.enumerated() {
        try golden.expect(variable.value, equals: "final/\(index)")
      }
    }
  }

  private func checkSchedule(_ golden: GoldenCase, on backend: any Backend) throws {
    let schedule = try LearningRateSchedules.make(golden.config())
    let graph = GraphBuilder()
    let step = graph.input(TensorSpec([] as [Int]))
    let rate = try schedule.rate(at: graph[step]).value
    let program = try backend.prepare(optimizing: graph.finish(returning: [rate])).program
    var rates: [Float] = []
    for number in try golden.tensor("steps").scalars(as: Int64.self) {
      rates += try program.run([Tensor(scalar: Float(number))])[0].scalars(as: Float.self)
    }
    try golden.expect(Tensor(rates), equals: "outputs/0")
  }
}

import Foundation
import KerasModels
import KerasTestSupport
import KerasTraining
import Testing

/// Steps of one's own, in `fit` and in loops, against the same in Keras (`Tests/Goldens/make_custom_training.py`).
@Suite struct CustomTrainingTests {
  private static func golden() throws -> JSON {
    try JSON(
      parsing: String(
        contentsOf: PackagePaths.goldens.appending(path: "custom-training.json"), encoding: .utf8))
  }

  /// A generator and a critic that learns twice in each step.
  private final class Adversaries: Model, CustomTraining, @unchecked Sendable {
    let generator: Model
    let critic: Model
    let criticOptimizer: Optimizer = Adam(learningRate: 0.01)

    init() throws {
      generator = try Self.network(from: 3, to: 2)
      critic = try Self.network(from: 2, to: 1)
      super.init()
    }

    private static func network(from count: Int, to units: Int) throws -> Model {
      let x = Input(shape: [count])
      return try Model(inputs: x, outputs: Dense(units: units)(Dense(units: 4, activation: .tanh)(x)))
    }

    func trainStep(_ step: TrainingStep) throws {
      let (noise, real) = (step.inputs[0], step.targets[0])
      var loss = step.graph[step.graph.scalar(0)]
      for _ in 0..<2 {
        let made = try step.call(generator, noise)
        let between = (made + real) / 2
        let slope = try step.gradients(of: step.call(critic, between), byValues: [between])[0]
        let size = try Ops.sqrt((slope * slope).sum(axis: 1))
        let difference = try step.call(critic, made).mean() - step.call(critic, real).mean()
        loss = difference + ((size - 1) * (size - 1)).mean() * 10
        try step.minimize(loss, by: critic.trainableWeights, with: criticOptimizer)
      }
      let judged = try step.call(critic, step.call(generator, noise))
      try step.minimize(-judged.mean(), by: generator.trainableWeights)
      try step.log("critic_loss", loss)
    }
  }

  private func set(_ model: Model, _ numbers: JSON?) throws {
    var rest = try #require(numbers?.array).compactMap(\.number).map(Float.init)[...]
    for weight in model.weights {
      try weight.assign(Tensor(Array(rest.prefix(weight.elementCount)), shape: weight.shape))
      rest = rest.dropFirst(weight.elementCount)
    }
    #expect(rest.isEmpty)
  }

  private func expect(_ model: Model, _ numbers: JSON?) throws {
    let wanted = try #require(numbers?.array).compactMap(\.number)
    let found = model.weights.flatMap { $0.value.scalars(as: Double.self) }
    #expect(found.count == wanted.count)
    for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 2e-5 + 1e-4 * abs(b)) }
  }

  @Test(arguments: ["onednn", "openblas"]) func adversaries(_ backend: String) throws {
    let golden = try Self.golden()
    let case_ = golden["adversaries"]
    func tensor(_ key: String, _ width: Int) throws -> Tensor {
      try Tensor(try #require(golden[key]?.array).compactMap(\.number).map(Float.init), shape: [8, width])
    }
    let model = try Adversaries()
    try set(model.generator, case_?["generator"])
    try set(model.critic, case_?["critic"])
    #expect(model.weights.count == 8)
    try model.compile(
      optimizer: .sgd(learningRate: 0.1, momentum: 0.9), otherOptimizers: [model.criticOptimizer],
      options: ComputeOptions(backend: backend))
    let history = try model.fit(
      tensor("noise", 3), tensor("real", 2), batchSize: 4, epochs: 3, shuffles: false, verbosity: .silent)
    try expect(model.generator, case_?["generator_after"])
    try expect(model.critic, case_?["critic_after"])
    let losses = try #require(case_?["critic_loss"]?.array).compactMap(\.number)
    for (a, b) in zip(try #require(history["critic_loss"]), losses) { #expect(abs(a - b) < 1e-4) }
    #expect(model.criticOptimizer.iterations == 12)
    #expect(model.optimizer?.iterations == 6)
  }

  /// Interrupted and begun again, with what both optimizers keep.
  @Test func adversariesGoOn() throws {
    struct Killed: Error {}
    let folder = NSTemporaryDirectory() + "keras-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let x = FitTests.data(24).x
    func run(_ callbacks: [Callback]) throws -> [[Float]] {
      let model = try Session.withFresh(seed: 2) { try Adversaries() }
      try model.compile(optimizer: .adam(), otherOptimizers: [model.criticOptimizer])
      try model.fit(
        Tensor(repeating: 0.5, shape: [24, 3]), x, batchSize: 8, epochs: 3, callbacks: callbacks,
        verbosity: .silent)
      return model.weights.map { $0.value.scalars() }
    }
    let whole = try run([])
    let killer = LambdaCallback(onEpochBegin: { if $0 == 2 { throw Killed() } })
    #expect(throws: KerasError.self) { _ = try run([BackupAndRestore(folder), killer]) }
    #expect(try run([BackupAndRestore(folder)]) == whole)
  }

  @Test func unknownOptimizer() throws {
    let model = try Adversaries()
    try model.compile(optimizer: .sgd())
    let error = #expect(throws: KerasError.self) {
      try model.fit(Tensor(zeros: [4, 3]), Tensor(zeros: [4, 2]), verbosity: .silent)
    }
    #expect(
      error?.description == """
        The model was not compiled with the optimizer `adam`.
          in: epoch 0, batch 0 › \(model.name)
          try: give it to compile(otherOptimizers:), so that what it keeps goes on with the model.
        """)
  }

  /// What a closure records is what `fit` would have done, where it says the same.
  @Test func closureAsCompiled() throws {
    let (x, y) = FitTests.data()
    func trained(_ compile: (Model) throws -> Void) throws -> ([[Float]], [String]) {
      let model = try FitTests.model(dropout: 0.2)
      try compile(model)
      let history = try model.fit(x, y, batchSize: 16, epochs: 2, validationSplit: 0.2, verbosity: .silent)
      return (model.weights.map { $0.value.scalars() }, history.metrics.keys.sorted())
    }
    let plain = try trained {
      try $0.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    }
    let own = try trained {
      try $0.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy]) { step in
        let predictions = try step.predictions()
        let loss = try step.loss(of: predictions)
        try step.log("loss", loss)
        try step.measure(predictions)
        try step.minimize(loss)
      }
    }
    #expect(plain.0 == own.0)
    #expect(plain.1 == own.1)
  }

  @Test func evaluationLearnsNothing() throws {
    let (x, y) = FitTests.data()
    let model = try FitTests.model()
    try model.compile(
      optimizer: .adam(),
      testStep: { step in
        let loss = try step.predictions().outputs[0].mean()
        try step.log("mean", loss)
        if try step.sampleCount == 60 { try step.minimize(loss) }
      },
      trainStep: { try $0.runAsCompiled() })
    let found = try model.evaluate(x, y, verbosity: .silent)
    #expect(found.names == ["mean"])
    #expect(abs(try #require(found["mean"]) - 1 / 3.0) < 1e-6)
    let error = #expect(throws: KerasError.self) { try model.testOnBatch(x, y) }
    #expect(
      error?.description == """
        Evaluation changes no weights.
          in: functional
          try: minimize losses in trainStep alone.
        """)
  }

  @Test func frozenWeightsAreNotChanged() throws {
    let (x, y) = FitTests.data()
    let model = try FitTests.model()
    model.layers[1].isTrainable = false
    let weights = model.layers[1].weights
    try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy) { step in
      try step.minimize(step.loss(of: step.predictions()), by: weights)
    }
    let error = #expect(throws: KerasError.self) { try model.trainOnBatch(x, y) }
    #expect(
      error?.description == """
        The step changes a weight that is frozen.
          in: dense/kernel
          try: name trainableWeights, or set isTrainable of its layer.
        """)
  }

  /// What a layer adds to loss and logs, also in a loop.
  @Test func layersAddLossesAndMetrics() throws {
    final class Shrinking: Layer, @unchecked Sendable {
      override func call(_ x: Value, in context: CallContext) throws -> Value {
        context.addLoss(try (context[x] * context[x]).mean().value)
        context.addMetric(try context[x].max().value, name: "largest")
        _ = try context.scan(states: [], over: [x]) { (inner, _, rows) throws(KerasError) in
          inner.addMetric(rows[0], name: "mean_row")
          return ([], rows)
        }
        return x
      }
    }
    let x = Input(shape: [2])
    let model = try Model(inputs: x, outputs: Shrinking()(Dense(units: 2, usesBias: false)(x)))
    try model.weights[0].assign(Tensor([2, 0, 0, 2] as [Float], shape: [2, 2]))
    try model.compile(optimizer: .sgd(learningRate: 0.1))
    let points = try Tensor([1, 0, 0, 3] as [Float], shape: [2, 2])
    let logs = try model.trainOnBatch(Batch([points]))
    #expect(logs.names == ["largest", "loss", "mean_row"])
    #expect(logs["largest"] == 6)
    #expect(logs["loss"] == 10)
    #expect(logs["mean_row"] == 2)
    // d mean(y²) / dw = 2 · y · x / 4
    let weights = model.weights[0].value.scalars(as: Float.self)
    for (a, b) in zip(weights, [1.9, 0, 0, 1.1]) { #expect(abs(a - Float(b)) < 1e-6) }
  }

  @Test func ownPrediction() throws {
    final class Classifier: Model, @unchecked Sendable {
      let logits = Dense(units: 3)
      override func call(_ x: Value, in context: CallContext) throws -> Value {
        try context.apply(logits, to: x)
      }
      override func predictStep(_ inputs: [Value], in context: CallContext) throws -> [Value] {
        [try Ops.softmax(context[context.apply(self, to: inputs[0])]).value]
      }
    }
    let (x, y) = FitTests.data()
    let model = Classifier()
    try model.compile(
      optimizer: .adam(learningRate: 0.05), loss: .sparseCategoricalCrossentropy(fromLogits: true),
      metrics: [.accuracy])
    try model.fit(x, y, batchSize: 16, epochs: 10, verbosity: .silent)
    for row in 0..<60 {
      let sum = try model.predict(x).scalars(as: Double.self)[3 * row..<3 * row + 3].reduce(0, +)
      guard abs(sum - 1) > 1e-5 else { continue }
      Issue.record("row \(row) adds up to \(sum)")
    }
    #expect(model.weights[0].path.hasSuffix("kernel"))
  }

  // MARK: Loops of one's own

  /// A loop does what `fit` does.
  @Test func loopAsFit() throws {
    let (x, y) = FitTests.data()
    let fitted = try FitTests.model()
    try fitted.compile(
      optimizer: .adam(learningRate: 0.01), loss: .sparseCategoricalCrossentropy)
    try fitted.fit(x, y, batchSize: 16, epochs: 2, shuffles: false, verbosity: .silent)

    let model = try FitTests.model()
    let optimizer = Adam(learningRate: 0.01)
    let differentiate = GradientFunction(by: model.trainableWeights) { step in
      try Loss.sparseCategoricalCrossentropy.record(step.inputs[1], step.call(model, step.inputs[0]))
    }
    for _ in 0..<2 {
      let batches = try TensorData([x], [y], batchSize: 16).batches(inEpoch: 0)
      while let batch = try batches.next() {
        let (loss, gradients) = try differentiate(batch.inputs[0], batch.targets[0])
        #expect(loss.shape == [])
        try optimizer.apply(gradients, to: model.trainableWeights)
      }
    }
    #expect(optimizer.iterations == 8)
    for (a, b) in zip(model.weights, fitted.weights) {
      for (x, y) in zip(a.value.scalars(as: Float.self), b.value.scalars(as: Float.self)) {
        #expect(abs(x - y) < 1e-6)
      }
    }
  }

  @Test func gradientsThatDoNotFit() throws {
    let model = try FitTests.model()
    let zeros = model.trainableWeights.map { Tensor(zeros: $0.shape) }
    let count = #expect(throws: KerasError.self) { try SGD().apply([zeros[0]], to: model.trainableWeights) }
    #expect(count?.description == "Expected 4 gradients, one for each weight, found 1.")
    let shape = #expect(throws: KerasError.self) {
      try SGD().apply(zeros.reversed(), to: model.trainableWeights)
    }
    #expect(
      shape?.description == """
        Expected a gradient of the weight's shape (2, 16), found (3,).
          in: dense/kernel
        """)
  }

  /// Accumulated gradients count as Keras' `optimizer.iterations` does: steps that changed weights.
  @Test func accumulatedSteps() throws {
    let weight = try FitTests.model().trainableWeights[0]
    let optimizer = SGD(learningRate: 1, options: OptimizerOptions(accumulationSteps: 3))
    let before = weight.value.scalars(as: Float.self)
    for step in 1...7 {
      try optimizer.apply([Tensor(repeating: Float(step), shape: weight.shape)], to: [weight])
      #expect(optimizer.iterations == step / 3)
    }
    // (1 + 2 + 3) / 3 + (4 + 5 + 6) / 3
    for (a, b) in zip(weight.value.scalars(as: Float.self), before) { #expect(abs(a - (b - 7)) < 1e-5) }
  }
}

import Foundation
import KerasModels
import KerasTraining
import Testing

/// Fitting small models: what is learnt, returned and said.
@Suite struct FitTests {
  /// Points of three classes, which a small network tells apart.
  static func data(_ count: Int = 60) -> (x: Tensor, y: Tensor) {
    let random = CounterRandom(seed: 4)
    let labels = (0..<count).map { Int32($0 % 3) }
    let points = labels.enumerated().flatMap { index, label -> [Float] in
      let angle = Double(label) * 2.1
      return [cos(angle), sin(angle)].enumerated().map { axis, center in
        Float(center + random.uniform(stream: UInt64(axis), at: UInt64(index)) * 0.8 - 0.4)
      }
    }
    return (Tensor(points, count: count), Tensor(labels))
  }

  static func model(dropout: Double = 0) throws -> Model {
    try Session.withFresh(seed: 3) {
      let x = Input(shape: [2])
      var hidden = Dense(units: 16, activation: .relu)(x)
      if dropout > 0 { hidden = Dropout(dropout)(hidden) }
      return try Model(inputs: x, outputs: Dense(units: 3, activation: .softmax, name: "scores")(hidden))
    }
  }

  @Test func learns() throws {
    let (x, y) = Self.data()
    let model = try Self.model()
    try model.compile(
      optimizer: .adam(learningRate: 0.02), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    let history = try model.fit(
      x, y, batchSize: 16, epochs: 12, validationSplit: 0.2, verbosity: .silent)
    #expect(history.epochs == Array(0..<12))
    #expect(history.metrics.keys.sorted() == ["accuracy", "loss", "val_accuracy", "val_loss"])
    #expect(history["acc"] == history["accuracy"])
    let accuracy = try #require(model.evaluate(x, y, verbosity: .silent)["accuracy"])
    #expect(accuracy > 0.95)
    let classes = try model.predictClasses(x).scalars(as: Int32.self)
    let right = zip(classes, y.scalars(as: Int32.self)).filter { $0 == $1 }.count
    #expect(Double(right) / 60 == accuracy || abs(Double(right) / 60 - accuracy) < 1e-6)
  }

  @Test func sameSeedSameWeights() throws {
    let (x, y) = Self.data()
    func trained(_ threads: Int, seed: UInt64 = 5) throws -> [[Float]] {
      let model = try Self.model(dropout: 0.3)
      try model.compile(
        optimizer: .sgd(learningRate: 0.1, momentum: 0.9), loss: .sparseCategoricalCrossentropy,
        options: ComputeOptions(threads: threads), seed: 7)
      try model.fit(x, y, batchSize: 16, epochs: 3, seed: seed, verbosity: .silent)
      return model.weights.map { $0.value.scalars() }
    }
    #expect(try trained(1) == trained(2))
    #expect(try trained(1) != trained(1, seed: 6))
  }

  @Test func frozenLayersStay() throws {
    let (x, y) = Self.data()
    let model = try Self.model()
    let hidden = model.layers[1]
    hidden.isTrainable = false
    let before = hidden.weights.map { $0.value.scalars(as: Float.self) }
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .sparseCategoricalCrossentropy)
    try model.fit(x, y, epochs: 2, verbosity: .silent)
    #expect(hidden.weights.map { $0.value.scalars(as: Float.self) } == before)
    // Thawed, it learns; nothing has to be compiled again.
    hidden.isTrainable = true
    try model.fit(x, y, epochs: 1, verbosity: .silent)
    #expect(hidden.weights.map { $0.value.scalars(as: Float.self) } != before)
  }

  @Test func ownLossMetricAndOptimizer() throws {
    final class SignDescent: Optimizer, @unchecked Sendable {
      init() { super.init(name: "sign_descent", learningRate: 0.01) }
      override func slots(for weight: Variable) -> [[OptimizerSlot]] { [[OptimizerSlot("steps")]] }
      override func update(_ weight: WeightUpdate) {
        weight["steps"] = weight["steps"] + 1
        weight.value = weight.value - weight.gradient.applying(.sign) * weight.learningRate
      }
    }
    let (x, _) = Self.data()
    let target = Tensor(zeros: [60, 3])
    let model = try Self.model()
    try model.compile(
      optimizer: SignDescent(),
      loss: .custom("cubes") { t, p in ((t - p).applying(.absolute) * (t - p) * (t - p)).sum(axes: [-1]) },
      metrics: [.custom("largest") { _, p in p.sum(axes: [-1]) }])
    let history = try model.fit(x, target, epochs: 3, verbosity: .silent)
    #expect(history.metrics.keys.sorted() == ["largest", "loss"])
    #expect(abs(try #require(history["largest"]?.last) - 1) < 1e-5)
    #expect(try #require(history["loss"]).last! < history["loss"]!.first!)
    #expect(model.optimizer?.iterations == 6)
  }

  @Test func byName() throws {
    let a = Input(shape: [2], name: "a")
    let b = Input(shape: [3], name: "b")
    let joined = Concatenate()([a, b])
    let p = Dense(units: 1, name: "p")(joined)
    let q = Dense(units: 3, activation: .softmax, name: "q")(joined)
    let model = try Model(inputs: [a, b], outputs: [p, q])
    try model.compile(
      losses: ["q": .sparseCategoricalCrossentropy, "p": .meanSquaredError], lossWeights: ["p": 0.5],
      metrics: ["q": [.accuracy]])
    let (x, y) = Self.data()
    let inputs = ["b": Tensor(zeros: [60, 3]), "a": x]
    let history = try model.fit(inputs, ["q": y, "p": Tensor(zeros: [60, 1])], verbosity: .silent)
    #expect(history.metrics.keys.sorted() == ["loss", "p_loss", "q_accuracy", "q_loss"])
    let found = try model.evaluate(inputs, ["q": y, "p": Tensor(zeros: [60, 1])], verbosity: .silent)
    #expect(found.names == ["loss", "p_loss", "q_accuracy", "q_loss"])
    #expect(
      message { _ = try model.fit(inputs, ["r": y], verbosity: .silent) } == """
        There is no output called `r` to have a target.
          in: \(model.name)
          try: the outputs are p, q.
        """)
    #expect(
      message {
        try model.compile(losses: ["s": .poisson]); _ = try model.fit(inputs, ["q": y], verbosity: .silent)
      } == """
        There is no output called `s` to have losses.
          in: epoch 0, batch 0
          try: the outputs are p, q.
        """)
  }

  /// In half precision the weights themselves stay in single.
  @Test func mixedPrecision() throws {
    let (x, y) = Self.data()
    let hidden = Dense(units: 16, activation: .relu)
    hidden.dataTypePolicy = try DataTypePolicy(named: "mixed_bfloat16")
    let input = Input(shape: [2])
    let model = try Model(inputs: input, outputs: Dense(units: 3, activation: .softmax)(hidden(input)))
    try model.compile(
      optimizer: .adam(learningRate: 0.02), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    let history = try model.fit(x, y, batchSize: 16, epochs: 12, verbosity: .silent)
    #expect(try #require(history["accuracy"]?.last) > 0.9)
    #expect(model.weights.allSatisfy { $0.dataType == .float32 })
  }

  @Test func batchesOneByOne() throws {
    let (x, y) = Self.data()
    let model = try Self.model()
    try model.compile(optimizer: "sgd", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"])
    let first = try model.trainOnBatch(x, y)
    #expect(first.names == ["accuracy", "loss"])
    let second = try model.trainOnBatch(x, y)
    // Metrics go on until they are reset.
    let both = try #require(second["loss"])
    try model.resetMetrics()
    let third = try #require(try model.testOnBatch(x, y)["loss"])
    #expect(third < both)
  }

  @Test func stepsGoOnThroughTheData() throws {
    let (x, y) = Self.data()
    let model = try Self.model()
    try model.compile(optimizer: .sgd(), loss: .sparseCategoricalCrossentropy)
    try model.fit(x, y, batchSize: 16, epochs: 3, stepsPerEpoch: 3, verbosity: .silent)
    #expect(model.optimizer?.iterations == 9)
    // The count of steps and the learning rate.
    #expect(try model.summary().contains("Optimizer params: 2 (12.00 B)"))
  }

  // MARK: What is said of what does not fit

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch { return "\(error)" }
  }

  @Test func notCompiled() throws {
    let (x, y) = Self.data()
    let model = try Self.model()
    #expect(
      message { _ = try model.fit(x, y) } == """
        The model is not compiled, and cannot be trained.
          in: functional
          try: call compile(optimizer:loss:metrics:) first.
        """)
  }

  @Test func labelsOutOfRange() throws {
    let (x, _) = Self.data()
    let model = try Self.model()
    try model.compile(optimizer: .sgd(), loss: .sparseCategoricalCrossentropy)
    var labels = [Int32](repeating: 0, count: 60)
    labels[37] = 3
    #expect(
      message {
        _ = try model.fit(x, Tensor(labels), batchSize: 32, shuffles: false, verbosity: .silent)
      } == """
        Expected class numbers from 0 to 2, found 3 in sample 5.
          in: epoch 0, batch 1 › target 0
          try: give the model an output for every class, or number classes from 0.
        """)
  }

  @Test func notANumber() throws {
    let (x, y) = Self.data()
    let model = try Self.model()
    try model.compile(optimizer: .sgd(), loss: .sparseCategoricalCrossentropy)
    var points: [Float] = x.scalars()
    points[2 * 40] = .nan
    #expect(
      message {
        _ = try model.fit(
          Tensor(points, count: 60), y, batchSize: 32, shuffles: false, verbosity: .silent)
      } == """
        The data holds nan in sample 8.
          in: epoch 0, batch 1 › input 0
          try: leave such samples out, or replace what is missing.
        """)
  }

  @Test func shapesThatDoNotFit() throws {
    let (x, y) = Self.data()
    let model = try Self.model()
    try model.compile(optimizer: .sgd(), loss: .categoricalCrossentropy)
    #expect(
      message { _ = try model.fit(x, y, shuffles: false, verbosity: .silent) } == """
        Expected targets of the predictions' shape (32, 3), found (32,).
          in: epoch 0, batch 0 › scores › categorical_crossentropy
          try: targets that are class numbers want sparseCategoricalCrossentropy; for yes or no, give them the shape (32, 3).
        """)
    #expect(
      message { _ = try model.fit(x, Tensor(zeros: [59, 3]), verbosity: .silent) } == """
        Expected 60 samples, as in input 0, found a tensor of shape (59, 3).
          in: target 0
        """)
    #expect(
      message { _ = try model.fit([x, x], [y], verbosity: .silent) } == """
        Expected 1 input tensor, found 2.
          in: epoch 0, batch 0 › functional
        """)
  }

  @Test func lossThatIsNoNumber() throws {
    let (x, y) = Self.data()
    let model = try Self.model()
    try model.compile(optimizer: .sgd(learningRate: 1e30), loss: .sparseCategoricalCrossentropy)
    let warnings = Received()
    try Warnings.withHandler {
      warnings.add($0)
    } _: {
      _ = try model.fit(x, y, batchSize: 32, epochs: 2, verbosity: .silent)
    }
    #expect(warnings.all.count == 1)
    #expect(warnings.all.first?.contains("try a lower learning rate") == true)
  }
}

/// Warnings, as they come.
final class Received: @unchecked Sendable {
  private let lock = NSLock()
  private var messages: [String] = []
  func add(_ message: String) { lock.withLock { messages.append(message) } }
  var all: [String] { lock.withLock { messages } }
}

extension Tensor {
  /// Rows of numbers.
  init(_ numbers: [Float], count: Int) {
    self.init(uninitialized: [count, numbers.count / count], Float.self) { elements in
      for i in elements.indices { elements[i] = numbers[i] }
    }
  }
}

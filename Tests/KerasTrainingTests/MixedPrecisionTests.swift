import KerasModels
import KerasTraining
import Testing

/// Layers that compute in 16 bits on weights of 32.
@Suite struct MixedPrecisionTests {
  private func model(_ policy: String) throws -> Model {
    try Session.withFresh(seed: 3) {
      let x = Input(shape: [2])
      let hidden = Dense(units: 16, activation: .relu)
      hidden.dataTypePolicy = try DataTypePolicy(named: policy)
      return try Model(inputs: x, outputs: Dense(units: 3, activation: .softmax)(hidden(x)))
    }
  }

  /// Weights and what optimizers keep stay in single precision, and small steps are not lost.
  @Test(arguments: ["mixed_bfloat16", "mixed_float16"], ["onednn", "openblas"])
  func trains(_ policy: String, _ backend: String) throws {
    let (x, y) = FitTests.data()
    let model = try model(policy)
    try model.compile(
      optimizer: .adam(learningRate: 0.02), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy],
      options: ComputeOptions(backend: backend))
    let history = try model.fit(x, y, batchSize: 16, epochs: 12, verbosity: .silent)
    #expect(try #require(history["accuracy"]?.last) > 0.9)
    #expect(model.weights.allSatisfy { $0.dataType == .float32 })

    // Steps of 2⁻¹² of a weight, which 16 bits would round away.
    let weight = model.weights[0]
    try weight.assign(Tensor(repeating: 1 as Float, shape: weight.shape))
    try model.compile(
      optimizer: .sgd(learningRate: 1e-5), loss: .sparseCategoricalCrossentropy,
      options: ComputeOptions(backend: backend))
    for _ in 0..<4 { try model.trainOnBatch(x, y) }
    let moved = weight.value.scalars(as: Float.self).filter { $0 != 1 && abs($0 - 1) < 1e-3 }
    #expect(!moved.isEmpty)
  }

  /// As Keras' `auto_scale_loss`: half precision alone needs it.
  @Test func scalesLosses() throws {
    let half = try model("mixed_float16")
    try half.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy)
    let scaled = try #require(half.optimizer as? LossScaleOptimizer)
    #expect(scaled.inner is Adam)
    #expect(scaled.initialScale == 32768)
    // A wrapped one stays as it is.
    let own = LossScaleOptimizer(SGD(options: OptimizerOptions(lossScale: 8)), initialScale: 4)
    try half.compile(optimizer: own, loss: .sparseCategoricalCrossentropy)
    #expect(half.optimizer === own)
    for policy in ["mixed_bfloat16", "float32"] {
      let model = try model(policy)
      try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy)
      #expect(model.optimizer is Adam)
    }
  }

  /// A gradient that is too large for half precision costs a step and halves the scale.
  @Test func leavesStepsOut() throws {
    let (x, y) = FitTests.data()
    let model = try model("mixed_float16")
    let optimizer = LossScaleOptimizer(SGD(learningRate: 0.1), initialScale: 1e30, growthSteps: 2)
    try model.compile(optimizer: optimizer, loss: .sparseCategoricalCrossentropy)
    let before = model.weights.map { $0.value.scalars(as: Float.self) }
    try model.trainOnBatch(x, y)
    #expect(model.weights.map { $0.value.scalars(as: Float.self) } == before)
    #expect(optimizer.iterations == 0)
    for _ in 0..<120 { try model.trainOnBatch(x, y) }
    #expect(model.weights.map { $0.value.scalars(as: Float.self) } != before)
    #expect(optimizer.iterations > 20)
  }
}

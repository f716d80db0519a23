import KerasModels
import Testing

@testable import KerasTraining

@Suite struct SwapEMAWeightsTests {
  private func compiled(_ averaging: Bool = true) throws -> Model {
    let model = try FitTests.model()
    var options = OptimizerOptions()
    if averaging { options.averaging = .init(momentum: 0.9) }
    try model.compile(
      optimizer: .sgd(learningRate: 0.1, options: options), loss: .sparseCategoricalCrossentropy)
    return model
  }

  private func run(_ model: Model, _ callbacks: [Callback], epochs: Int = 3) throws -> History {
    let (x, y) = FitTests.data()
    return try model.fit(
      x, y, batchSize: 16, epochs: epochs, validationSplit: 0.25, callbacks: callbacks, verbosity: .silent)
  }

  private func numbers(_ model: Model) -> [[Float]] { model.weights.map { $0.value.scalars() } }

  /// Validation is of the averages, training of the weights.
  @Test(arguments: [false, true]) func averagesAreEvaluated(_ swapsOnEpoch: Bool) throws {
    let (plain, swapped) = (try compiled(), try compiled())
    let without = try run(plain, [])
    var saved: [[[Float]]] = []
    let looks = LambdaCallback(onEpochEnd: { _, _ in saved.append(numbers(swapped)) })
    let with = try run(swapped, [.swapEMAWeights(swapsOnEpoch: swapsOnEpoch), looks])
    #expect(with["loss"] == without["loss"])
    #expect(with["val_loss"] != without["val_loss"])
    // At the end the averages stand in the model, either way.
    #expect(numbers(swapped) == numbers(plain))
    #expect((saved[2] == numbers(plain)) == swapsOnEpoch)
    let (x, y) = FitTests.data()
    let found = try swapped.evaluate(TensorData([x], [y]).split(share: 0.25).validation, verbosity: .silent)
    #expect(abs(try #require(found["loss"]) - #require(with["val_loss"]?.last)) < 1e-6)
  }

  @Test func thereMustBeAverages() throws {
    let error = #expect(throws: KerasError.self) { try run(compiled(false), [.swapEMAWeights()]) }
    #expect(
      error?.description == """
        SwapEMAWeights needs an optimizer that keeps moving averages of weights.
          try: make the optimizer with OptimizerOptions(averaging:).
        """)
  }
}

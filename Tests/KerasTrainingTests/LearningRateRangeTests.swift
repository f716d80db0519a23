import Foundation
import KerasModels
import Testing

@testable import KerasTraining

@Suite struct LearningRateRangeTests {
  private func compiled(_ optimizer: Optimizer) throws -> Model {
    let model = try FitTests.model(dropout: 0.2)
    try model.compile(optimizer: optimizer, loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
    return model
  }

  private func data() throws -> TensorData {
    let (x, y) = FitTests.data()
    return try TensorData([x], [y], batchSize: 16, shuffleSeed: 1)
  }

  private func numbers(_ model: Model) -> [[Float]] { model.weights.map { $0.value.scalars() } }

  /// Training goes on to the bit as though nobody had looked.
  @Test func leavesEverythingAsItWas() throws {
    let (one, other) = (try compiled(.adam()), try compiled(.adam()))
    for model in [one, other] { try model.fit(data(), epochs: 2, verbosity: .silent) }
    let range = try one.findLearningRate(data())
    #expect(abs(try #require(one.optimizer?.learningRate) - 0.001) < 1e-9)
    let histories = try [one, other].map { try $0.fit(data(), epochs: 2, verbosity: .silent) }
    #expect(numbers(one) == numbers(other) && histories[0].metrics == histories[1].metrics)

    #expect(range.rates.count == range.losses.count && range.rates.first == 1e-6)
    #expect(zip(range.rates, range.rates.dropFirst()).allSatisfy { abs($1 / $0 - pow(1e6, 1 / 99.0)) < 1e-6 })
    #expect(1e-4 < range.suggestion && range.suggestion <= 0.1)
    #expect(range.svg().contains(">suggested: "))
  }

  @Test func endsWhereTheLossExplodes() throws {
    let (x, _) = FitTests.data()
    let model = Sequential {
      Input(shape: [2])
      Dense(units: 1)
    }
    try model.compile(optimizer: .sgd(), loss: .meanSquaredError)
    let line = try TensorData([x], [Tensor(repeating: Float(1), shape: [60, 1])], batchSize: 16)
    let range = try model.findLearningRate(line, from: 1e-4, to: 1e6, steps: 90)
    #expect(range.rates.count < 90 && range.suggestion < 1)
    #expect(LearningRateRange(rates: [1, 10, 100], losses: [3, 1, 2]).suggestion == 1)
  }

  @Test func whatCannotBeLookedFor() throws {
    func message(_ body: () throws -> LearningRateRange) -> String? {
      #expect(throws: KerasError.self) { _ = try body() }?.description
    }
    #expect(
      message { try compiled(.adam()).findLearningRate(data(), from: 1, to: 0.1) }
        == "A range of learning rates rises from above 0 in at least 10 steps, found 1.0 to 0.1 in 100.")
    #expect(
      message {
        try compiled(
          .sgd(learningRate: .schedule(.exponentialDecay(initialRate: 0.1, steps: 2, decayRate: 0.5)))
        )
        .findLearningRate(data())
      } == """
        A range of learning rates sets the learning rate, which a schedule of the optimizer decides.
          try: make the optimizer with a number as its learning rate.
        """)
    let (x, y) = FitTests.data()
    let model = try compiled(.adam())
    let before = numbers(model)
    let large = try TensorData([Tensor(repeating: Float(1e38), shape: x.shape)], [y])
    let error = #expect(throws: KerasError.self) { try model.findLearningRate(large) }
    #expect(error?.what == "The loss is no number at a learning rate of 1e-06.")
    #expect(numbers(model) == before)
  }
}

import KerasApplications
import KerasModels
import KerasTraining
import Testing

@testable import KerasFineTuning

@Suite struct ClassificationReportTests {
  private static func sample(_ number: Int, _ label: Int, _ guess: Int, _ probability: Double = 0.1)
    -> ClassificationReport.Sample
  {
    .init(number: number, label: label, guess: guess, confidence: 0.8, labelProbability: probability)
  }

  /// Numbers of scikit-learn 1.3, `precision_recall_fscore_support(y_true, y_pred, zero_division=0)`.
  @Test func figuresAreScikitLearns() {
    let (labels, guesses) = ([0, 0, 0, 1, 1, 2, 2, 2, 2], [0, 1, 0, 1, 0, 2, 2, 0, 2])
    let report = ClassificationReport(
      zip(labels, guesses).enumerated().map { Self.sample($0, $1.0, $1.1) }, classCount: 4)
    func rounded(_ number: Double) -> Double { (number * 1e6).rounded() / 1e6 }
    #expect(report.confusion == [[2, 1, 0, 0], [1, 1, 0, 0], [1, 0, 3, 0], [0, 0, 0, 0]])
    #expect(report.classes.map(\.support) == [3, 2, 4, 0])
    #expect(report.classes.map { rounded($0.precision) } == [0.5, 0.5, 1, 0])
    #expect(report.classes.map { rounded($0.recall) } == [0.666667, 0.5, 0.75, 0])
    #expect(report.classes.map { rounded($0.f1) } == [0.571429, 0.5, 0.857143, 0])
    #expect(rounded(report.accuracy) == 0.666667)
  }

  @Test func theWorstMistakesComeFirst() {
    let report = ClassificationReport(
      [
        Self.sample(0, 0, 1, 0.3), Self.sample(1, 1, 1, 0), Self.sample(2, 1, 0, 0.01),
        Self.sample(3, 1, 0, 0.3),
      ], classCount: 2)
    #expect(report.mistakes.map(\.number) == [2, 0, 3])
  }

  private func classifier(units: Int, _ activation: ActivationFunction) throws -> ImageModel {
    let x = Input(shape: [1, 1, 3])
    let dense = Dense(units: units, activation: activation)
    let model = try ImageModel(
      Model(inputs: [x], outputs: [dense(Flatten()(x))], name: "colours"), preprocessing: .unit)
    // The score of a class is the channel of its number.
    let kernel = (0..<3).flatMap { row in
      (0..<units).map { Float(units == 1 ? (row == 0 ? 1 : 0) : row == $0 ? 1 : 0) }
    }
    try dense.weights[0].assign(Tensor(kernel, shape: [3, units]))
    return model
  }

  private let pixels: [Float] = [2, 0, 0, 0, 1, 0, -1, 0, 0]

  @Test func probabilitiesWhateverTheModelEndsIn() throws {
    let x = try Tensor(pixels, shape: [3, 1, 1, 3])
    let numbers = try TensorData([x], [Tensor([0, 1, 0] as [Int32])], batchSize: 2)
    let rows = try TensorData(
      [x], [Tensor([1, 0, 0, 0, 1, 0, 1, 0, 0] as [Float], shape: [3, 3])], batchSize: 2)
    let found = try classifier(units: 3, .softmax).classificationReport(on: numbers)
    #expect(found.confusion == [[1, 1, 0], [0, 1, 0], [0, 0, 0]])
    // e² / (e² + 2) and e⁻¹ / (e⁻¹ + 2).
    #expect(abs(found.samples[0].confidence - 0.786986) < 1e-5)
    #expect(abs(found.samples[2].labelProbability - 0.155362) < 1e-5)
    for (activation, data) in [(ActivationFunction.softmax, rows), (.linear, numbers), (.linear, rows)] {
      let other = try classifier(units: 3, activation).classificationReport(on: data)
      #expect(other.confusion == found.confusion)
      for (one, two) in zip(other.samples, found.samples) {
        #expect(abs(one.confidence - two.confidence) < 1e-6)
      }
    }
    let binary = try TensorData([x], [Tensor([1, 1, 0] as [Float], shape: [3, 1])])
    let two = try classifier(units: 1, .sigmoid).classificationReport(on: binary)
    #expect(two.confusion == [[1, 0], [1, 1]])
    #expect(abs(two.samples[0].confidence - 0.880797) < 1e-5)
  }

  @Test func whatCannotBeReported() throws {
    let x = try Tensor(pixels, shape: [3, 1, 1, 3])
    func message(_ targets: Tensor) throws -> String? {
      let data = try TensorData([x], [targets])
      return #expect(throws: KerasError.self) {
        try classifier(units: 3, .softmax).classificationReport(on: data)
      }?
      .description
    }
    #expect(
      try message(Tensor([0, 3, 1] as [Int32]))
        == "Expected class numbers from 0 to 2, found 3.0.\n  in: colours")
    #expect(
      try message(Tensor(zeros: [3, 2])) == "Expected a class number for each of 3 samples.\n  in: colours")
  }
}

import Glibc
import KerasApplications
import KerasModels
import KerasTraining

/// How a classifier does on samples whose classes are known, class by class.
///
/// ```swift
/// let classifier = try ImageModel(contentsOf: "insects.keras")
/// let pictures = try TensorData([Tensor(zeros: [8, 224, 224, 3])], [Tensor(zeros: [8])])
/// let report = try classifier.classificationReport(on: pictures)
/// print(report.accuracy, report.classes[0].recall, report.confusion)
/// for sample in report.mistakes.prefix(10) { print(sample.number, sample.guess) }
/// ```
public struct ClassificationReport: Hashable, Sendable {
  /// What became of one sample.
  public struct Sample: Hashable, Sendable {
    /// Its place in the data, from 0.
    public let number: Int
    /// Its class.
    public let label: Int
    /// The class that is likeliest to the model.
    public let guess: Int
    /// How likely that is, from 0 to 1.
    public let confidence: Double
    /// How likely its own class is.
    public let labelProbability: Double
  }

  /// How well one class is told from the others. What would be divided by nothing is 0, as in scikit-learn.
  public struct ClassFigures: Hashable, Sendable {
    /// Of those that were taken for it, the share that are of it.
    public let precision: Double
    /// Of those that are of it, the share that were taken for it.
    public let recall: Double
    /// How many are of it.
    public let support: Int

    /// The harmonic mean of precision and recall.
    public var f1: Double { precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0 }
  }

  /// In the order of the data.
  public let samples: [Sample]
  /// How many samples of each class (rows) were taken for which (columns).
  public let confusion: [[Int]]
  /// By number.
  public let classes: [ClassFigures]

  init(_ samples: [Sample], classCount: Int) {
    self.samples = samples
    var confusion = [[Int]](repeating: [Int](repeating: 0, count: classCount), count: classCount)
    for sample in samples { confusion[sample.label][sample.guess] += 1 }
    self.confusion = confusion
    classes = (0..<classCount).map { number in
      let (right, support) = (confusion[number][number], confusion[number].reduce(0, +))
      let taken = confusion.reduce(0) { $0 + $1[number] }
      return ClassFigures(
        precision: taken > 0 ? Double(right) / Double(taken) : 0,
        recall: support > 0 ? Double(right) / Double(support) : 0, support: support)
    }
  }

  /// The share of samples that the model is right for.
  public var accuracy: Double {
    samples.isEmpty ? 0 : Double(samples.count { $0.label == $0.guess }) / Double(samples.count)
  }

  /// The samples that the model is wrong for, those first whose own class is least likely to it.
  public var mistakes: [Sample] {
    samples.filter { $0.label != $0.guess }.sorted {
      ($0.labelProbability, $0.number) < ($1.labelProbability, $1.number)
    }
  }
}

extension ImageModel {
  /// Looks at every sample of data, one by one.
  ///
  /// - Parameter data: batches of the model's input, and class numbers `[count]`, or rows of a one among zeros
  ///   `[count, classes]`.
  /// - Throws: `invalidArgument` for a model without a classifier, for numbers that are no class, and without a sample;
  ///   `shapeMismatch` for other targets; what prediction throws.
  public func classificationReport(
    on data: any DataSource, options: ComputeOptions = ComputeOptions(purpose: .throughput)
  ) throws(KerasError) -> ClassificationReport {
    guard let classCount, classCount > 1 else {
      throw KerasError(
        .invalidArgument, "The model ends in no classifier: its output has shape \(output.shape).",
        path: [name])
    }
    var samples: [ClassificationReport.Sample] = []
    let stream = try wrappingErrors { try data.batches(inEpoch: 0) }
    while let batch = try stream.next() {
      let labels = try Self.labels(of: batch, classCount: classCount, name)
      let scores: [Float] = try predictOnBatch(batch.inputs, options: options)[0].scalars()
      let width = scores.count / max(labels.count, 1)
      for (row, label) in labels.enumerated() {
        let rows = probabilities(scores[row * width..<(row + 1) * width].map(Double.init))
        let guess = rows.indices.reduce(0) { rows[$1] > rows[$0] ? $1 : $0 }
        samples.append(
          .init(
            number: samples.count, label: label, guess: guess, confidence: rows[guess],
            labelProbability: rows[label]))
      }
    }
    guard !samples.isEmpty else {
      throw KerasError(.invalidArgument, "There is no sample to look at.", path: [name])
    }
    return ClassificationReport(samples, classCount: classCount)
  }

  private static func labels(of batch: Batch, classCount: Int, _ name: String) throws(KerasError) -> [Int] {
    guard batch.targets.count == 1, let target = batch.targets.first,
      target.elementCount == batch.count || target.shape == [batch.count, classCount]
    else {
      throw KerasError(
        .shapeMismatch, "Expected a class number for each of \(batch.count) samples.", path: [name])
    }
    let numbers: [Double] = target.scalars()
    if target.elementCount == batch.count {
      guard
        let outside = numbers.first(where: { Int(exactly: $0).map { !(0..<classCount).contains($0) } ?? true }
        )
      else { return numbers.map { Int($0) } }
      throw KerasError(
        .invalidArgument, "Expected class numbers from 0 to \(classCount - 1), found \(outside).",
        path: [name])
    }
    return (0..<batch.count).map { row in
      (0..<classCount).reduce(0) {
        numbers[row * classCount + $1] > numbers[row * classCount + $0] ? $1 : $0
      }
    }
  }

  /// What the model says of one sample, class by class.
  private func probabilities(_ scores: [Double]) -> [Double] {
    if scores.count == 1 { return [1 - scores[0], scores[0]] }
    guard !givesProbabilities else { return scores }
    let largest = scores.max() ?? 0
    let powers = scores.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}

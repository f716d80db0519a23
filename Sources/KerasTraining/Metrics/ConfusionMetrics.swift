import KerasGraph
import KerasLayers

/// A metric that is one of the four counts.
public class ConditionCount: Metric, @unchecked Sendable {
  @Setting("thresholds") final var choice: Thresholds

  /// What predictions must exceed to count as yes.
  public final var thresholds: [Double] { choice.resolved(default: 0.5) }

  init(thresholds: [Double]?, name: String) {
    super.init(name: name)
    choice = Thresholds(thresholds)
  }

  /// Which of the counts.
  func count(_ counts: Confusion.Counts) -> RecordedValue { counts.truePositives }

  public override func states(target: TensorSpec, prediction: TensorSpec) -> [MetricState] {
    [MetricState("accumulator", shape: [thresholds.count])]
  }

  public override func update(_ states: [RecordedValue], with batch: MetricBatch) throws -> [RecordedValue] {
    [states[0] + (try count(Confusion(thresholds: thresholds).counts(of: batch)))]
  }

  public override func result(_ states: [RecordedValue]) -> RecordedValue {
    thresholds.count == 1 ? states[0].squeezed(axis: 0) : states[0]
  }
}

/// How many are yes and were said to be.
public final class TruePositives: ConditionCount, @unchecked Sendable {
  /// - Parameter thresholds: nil for one of 0.5; several give a number each.
  public override init(thresholds: [Double]? = nil, name: String = "true_positives") {
    super.init(thresholds: thresholds, name: name)
  }
}

/// How many are no and were said to be.
public final class TrueNegatives: ConditionCount, @unchecked Sendable {
  public override init(thresholds: [Double]? = nil, name: String = "true_negatives") {
    super.init(thresholds: thresholds, name: name)
  }
  override func count(_ counts: Confusion.Counts) -> RecordedValue { counts.trueNegatives }
}

/// How many are no and were said to be yes.
public final class FalsePositives: ConditionCount, @unchecked Sendable {
  public override init(thresholds: [Double]? = nil, name: String = "false_positives") {
    super.init(thresholds: thresholds, name: name)
  }
  override func count(_ counts: Confusion.Counts) -> RecordedValue { counts.falsePositives }
}

/// How many are yes and were said to be no.
public final class FalseNegatives: ConditionCount, @unchecked Sendable {
  public override init(thresholds: [Double]? = nil, name: String = "false_negatives") {
    super.init(thresholds: thresholds, name: name)
  }
  override func count(_ counts: Confusion.Counts) -> RecordedValue { counts.falseNegatives }
}

/// A share of true positives: ``PrecisionMetric`` or ``RecallMetric``.
public class PositiveShare: Metric, @unchecked Sendable {
  @Setting("thresholds") final var choice: Thresholds
  /// Counts only the so many likeliest classes of a sample as yes.
  @Setting("top_k") public private(set) final var topK: Int?
  /// Looks at one class alone.
  @Setting("class_id") public private(set) final var classNumber: Int?

  init(thresholds: [Double]?, topK: Int?, classNumber: Int?, name: String) {
    super.init(name: name)
    choice = Thresholds(thresholds)
    self.topK = topK
    self.classNumber = classNumber
  }

  /// What predictions must exceed to count as yes.
  public final var thresholds: [Double] { choice.resolved(default: topK == nil ? 0.5 : -1e10) }

  public override var direction: Direction? { .up }

  /// What stands below the line beside the true positives.
  func others(_ counts: Confusion.Counts) -> RecordedValue { counts.falsePositives }
  var otherName: String { "false_positives" }

  public override func states(target: TensorSpec, prediction: TensorSpec) -> [MetricState] {
    ["true_positives", otherName].map { MetricState($0, shape: [thresholds.count]) }
  }

  public override func update(_ states: [RecordedValue], with batch: MetricBatch) throws -> [RecordedValue] {
    let counts = try Confusion(thresholds: thresholds, topK: topK, classNumber: classNumber).counts(of: batch)
    return [states[0] + counts.truePositives, states[1] + others(counts)]
  }

  public override func result(_ states: [RecordedValue]) -> RecordedValue {
    let share = states[0].dividedOrZero(by: states[0] + states[1])
    return thresholds.count == 1 ? share.squeezed(axis: 0) : share
  }
}

/// How many of those said to be yes are: Keras' class `Precision`.
public final class PrecisionMetric: PositiveShare, @unchecked Sendable {
  public override init(
    thresholds: [Double]? = nil, topK: Int? = nil, classNumber: Int? = nil, name: String = "precision"
  ) {
    super.init(thresholds: thresholds, topK: topK, classNumber: classNumber, name: name)
  }
  public override var className: String { "Precision" }
}

/// How many of those that are yes were said to be: Keras' class `Recall`.
public final class RecallMetric: PositiveShare, @unchecked Sendable {
  public override init(
    thresholds: [Double]? = nil, topK: Int? = nil, classNumber: Int? = nil, name: String = "recall"
  ) {
    super.init(thresholds: thresholds, topK: topK, classNumber: classNumber, name: name)
  }
  public override var className: String { "Recall" }
  override func others(_ counts: Confusion.Counts) -> RecordedValue { counts.falseNegatives }
  override var otherName: String { "false_negatives" }
}

/// More thresholds than float32 tells apart between 0 and 1 are no use.
let largestThresholdCount = 1 << 24

/// The best of one rate over many thresholds, where another is at least what is asked for.
public class RateAtRate: Metric, @unchecked Sendable {
  @Setting("class_id") public private(set) final var classNumber: Int?
  @Setting(
    "num_thresholds",
    Int.settingCodec.requiring("a number from 1 to \(largestThresholdCount)") {
      (1...largestThresholdCount).contains($0)
    })
  public private(set) final var thresholdCount: Int

  init(thresholdCount: Int, classNumber: Int?, name: String) {
    super.init(name: name)
    self.thresholdCount = thresholdCount
    self.classNumber = classNumber
  }

  public override var direction: Direction? { .up }

  /// What the other rate must reach.
  var least: Double { 0 }
  /// The rate that must reach it, and the one that is asked for.
  func rates(_ rates: Rates) -> (constrained: RecordedValue, wanted: RecordedValue) {
    (rates.recall, rates.precision)
  }

  private var thresholds: [Double] {
    thresholdCount == 1
      ? [0.5] : (0..<thresholdCount).map { Double($0) / Double(max(thresholdCount - 1, 1)) }
  }

  public override func states(target: TensorSpec, prediction: TensorSpec) -> [MetricState] {
    Rates.names.map { MetricState($0, shape: [thresholdCount]) }
  }

  public override func update(_ states: [RecordedValue], with batch: MetricBatch) throws -> [RecordedValue] {
    let counts = try Confusion(thresholds: thresholds, classNumber: classNumber).counts(of: batch)
    return Rates(states).adding(counts)
  }

  public override func result(_ states: [RecordedValue]) -> RecordedValue {
    let (constrained, wanted) = rates(Rates(states))
    return wanted.kept(where: constrained .>= least, else: 0).maximum().combined(.maximum, with: 0)
  }
}

/// The four counts at many thresholds, kept from batch to batch, and the rates they make.
struct Rates {
  static let names = ["true_positives", "false_positives", "true_negatives", "false_negatives"]
  let truePositives, falsePositives, trueNegatives, falseNegatives: RecordedValue

  init(_ states: [RecordedValue]) {
    (truePositives, falsePositives, trueNegatives, falseNegatives) = (
      states[0], states[1], states[2], states[3]
    )
  }

  func adding(_ counts: Confusion.Counts) -> [RecordedValue] {
    [
      truePositives + counts.truePositives, falsePositives + counts.falsePositives,
      trueNegatives + counts.trueNegatives, falseNegatives + counts.falseNegatives,
    ]
  }

  var precision: RecordedValue { truePositives.dividedOrZero(by: truePositives + falsePositives) }
  /// The same as sensitivity.
  var recall: RecordedValue { truePositives.dividedOrZero(by: truePositives + falseNegatives) }
  var specificity: RecordedValue { trueNegatives.dividedOrZero(by: trueNegatives + falsePositives) }
  var falseAlarms: RecordedValue { falsePositives.dividedOrZero(by: falsePositives + trueNegatives) }
}

private var share: SettingCodec<Double> {
  Double.settingCodec.requiring("between 0 and 1") { (0...1).contains($0) }
}

/// The best precision with at least this recall.
public final class PrecisionAtRecall: RateAtRate, @unchecked Sendable {
  @Setting("recall", share) public private(set) var recall: Double

  public init(
    recall: Double = 0.5, thresholdCount: Int = 200, classNumber: Int? = nil,
    name: String = "precision_at_recall"
  ) {
    super.init(thresholdCount: thresholdCount, classNumber: classNumber, name: name)
    self.recall = recall
  }
  override var least: Double { recall }
}

/// The best recall with at least this precision.
public final class RecallAtPrecision: RateAtRate, @unchecked Sendable {
  @Setting("precision", share) public private(set) var precision: Double

  public init(
    precision: Double = 0.5, thresholdCount: Int = 200, classNumber: Int? = nil,
    name: String = "recall_at_precision"
  ) {
    super.init(thresholdCount: thresholdCount, classNumber: classNumber, name: name)
    self.precision = precision
  }
  override var least: Double { precision }
  override func rates(_ rates: Rates) -> (constrained: RecordedValue, wanted: RecordedValue) {
    (rates.precision, rates.recall)
  }
}

/// The best sensitivity with at least this specificity.
public final class SensitivityAtSpecificity: RateAtRate, @unchecked Sendable {
  @Setting("specificity", share) public private(set) var specificity: Double

  public init(
    specificity: Double = 0.5, thresholdCount: Int = 200, classNumber: Int? = nil,
    name: String = "sensitivity_at_specificity"
  ) {
    super.init(thresholdCount: thresholdCount, classNumber: classNumber, name: name)
    self.specificity = specificity
  }
  override var least: Double { specificity }
  override func rates(_ rates: Rates) -> (constrained: RecordedValue, wanted: RecordedValue) {
    (rates.specificity, rates.recall)
  }
}

/// The best specificity with at least this sensitivity.
public final class SpecificityAtSensitivity: RateAtRate, @unchecked Sendable {
  @Setting("sensitivity", share) public private(set) var sensitivity: Double

  public init(
    sensitivity: Double = 0.5, thresholdCount: Int = 200, classNumber: Int? = nil,
    name: String = "specificity_at_sensitivity"
  ) {
    super.init(thresholdCount: thresholdCount, classNumber: classNumber, name: name)
    self.sensitivity = sensitivity
  }
  override var least: Double { sensitivity }
  override func rates(_ rates: Rates) -> (constrained: RecordedValue, wanted: RecordedValue) {
    (rates.recall, rates.specificity)
  }
}

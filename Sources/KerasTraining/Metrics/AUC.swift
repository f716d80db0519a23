import KerasGraph
import KerasLayers

/// The area under the curve of hits against false alarms (ROC) or of precision against recall (PR), from counts at many
/// thresholds.
public final class AUC: Metric, @unchecked Sendable {
  public enum Curve: String, Hashable, CaseIterable, SettingValue {
    case roc = "ROC"
    case precisionRecall = "PR"
    case precisionRecallGain = "PRGAIN"
  }
  /// Which height an interval of the curve has.
  public enum Summation: String, Hashable, CaseIterable, SettingValue {
    case interpolation, minoring, majoring
  }

  @Setting(
    "num_thresholds",
    Int.settingCodec.requiring("a number from 2 to \(largestThresholdCount)") {
      (2...largestThresholdCount).contains($0)
    })
  public private(set) var thresholdCount: Int
  @Setting("curve") public private(set) var curve: Curve
  @Setting("summation_method") public private(set) var summation: Summation
  /// Whether the area is that of each label, averaged.
  @Setting("multi_label") public private(set) var isMultiLabel: Bool
  @Setting("num_labels") public private(set) var labelCount: Int?
  @Setting("label_weights", SettingCodec<[Double]?>.list) public private(set) var labelWeights: [Double]?
  @Setting("from_logits") public private(set) var fromLogits: Bool
  @Setting("thresholds", SettingCodec<[Double]?>.list.omitting { $0 == nil })
  private var chosenThresholds: [Double]?

  /// - Parameter thresholds: instead of `thresholdCount` evenly spaced ones; 0 and 1 are always added.
  public init(
    thresholdCount: Int = 200, curve: Curve = .roc, summation: Summation = .interpolation,
    thresholds: [Double]? = nil, isMultiLabel: Bool = false, labelCount: Int? = nil,
    labelWeights: [Double]? = nil, fromLogits: Bool = false, name: String = "auc"
  ) {
    super.init(name: name)
    self.thresholdCount = thresholds.map { $0.count + 2 } ?? thresholdCount
    self.curve = curve
    self.summation = summation
    self.isMultiLabel = isMultiLabel
    self.labelCount = labelCount
    self.labelWeights = labelWeights
    self.fromLogits = fromLogits
    chosenThresholds = thresholds
  }

  public override var direction: Direction? { .up }

  /// A little below 0, those in between, a little above 1.
  public var thresholds: [Double] {
    let inner =
      chosenThresholds?.sorted()
      ?? (1..<max(thresholdCount - 1, 1)).map { Double($0) / Double(thresholdCount - 1) }
    return [-kerasEpsilon] + inner + [1 + kerasEpsilon]
  }

  public override func states(target: TensorSpec, prediction: TensorSpec) throws -> [MetricState] {
    var shape = [thresholds.count]
    if isMultiLabel { shape.append(try outputCount(of: prediction, for: "AUC of several labels")) }
    return Rates.names.map { MetricState($0, shape: shape) }
  }

  public override func update(_ states: [RecordedValue], with batch: MetricBatch) throws -> [RecordedValue] {
    var batch = batch
    if fromLogits { batch.prediction = batch.prediction.applying(.sigmoid) }
    let confusion = Confusion(
      thresholds: thresholds, countsLabelsApart: isMultiLabel, labelWeights: labelWeights)
    return Rates(states).adding(try confusion.counts(of: batch))
  }

  public override func result(_ states: [RecordedValue]) throws -> RecordedValue {
    let rates = Rates(states)
    let (first, later) = (
      { (x: RecordedValue) in x.sliced(from: 0, count: self.thresholds.count - 1) },
      { (x: RecordedValue) in x.sliced(from: 1, count: nil) }
    )
    if curve == .precisionRecall, summation == .interpolation {
      return averaged(interpolatedPrecision(rates, first, later))
    }
    let (x, y) = points(rates)
    let heights =
      switch summation {
      case .interpolation: (first(y) + later(y)) / 2
      case .minoring: first(y).combined(.minimum, with: later(y))
      case .majoring: first(y).combined(.maximum, with: later(y))
      }
    return averaged((first(x) - later(x)) * heights)
  }

  private func points(_ rates: Rates) -> (RecordedValue, RecordedValue) {
    switch curve {
    case .roc: return (rates.falseAlarms, rates.recall)
    case .precisionRecall: return (rates.recall, rates.precision)
    case .precisionRecallGain:
      // Flach and Kull, "Precision-Recall-Gain Curves" (2015).
      let scale = (rates.truePositives + rates.falseNegatives)
        .dividedOrZero(by: rates.trueNegatives + rates.falsePositives)
      let hasHits = rates.truePositives .!= 0
      let recall = 1 - scale * rates.falseNegatives.dividedOrZero(by: rates.truePositives)
      let precision = 1 - scale * rates.falsePositives.dividedOrZero(by: rates.truePositives)
      return (
        recall.kept(where: hasHits, else: 0).combined(.maximum, with: 0),
        precision.kept(where: hasHits, else: 1)
      )
    }
  }

  /// Davis and Goadrich, "The Relationship Between Precision-Recall and ROC Curves" (2006): between two thresholds
  /// false positives grow linearly with true ones, so that precision follows a logarithm.
  private func interpolatedPrecision(
    _ rates: Rates, _ first: (RecordedValue) -> RecordedValue, _ later: (RecordedValue) -> RecordedValue
  ) -> RecordedValue {
    let hits = first(rates.truePositives) - later(rates.truePositives)
    let positives = rates.truePositives + rates.falsePositives
    let (p, q) = (first(positives), later(positives))
    let slope = hits.dividedOrZero(by: (p - q).combined(.maximum, with: 0))
    let intercept = later(rates.truePositives) - slope * q
    let ratio = p.dividedOrZero(by: q.combined(.maximum, with: 0)).kept(where: (p .> 0).and(q .> 0), else: 1)
    let total = later(rates.truePositives) + later(rates.falseNegatives)
    return (slope * (hits + intercept * ratio.logarithm)).dividedOrZero(by: total.combined(.maximum, with: 0))
  }

  /// The sum along the curve; of several labels their (weighted) mean.
  private func averaged(_ terms: RecordedValue) -> RecordedValue {
    guard isMultiLabel else { return terms.total() }
    let areas = terms.sum(axes: [0])
    guard let labelWeights else { return areas.mean() }
    let weights = terms.graph[terms.graph.constant(Tensor(labelWeights.map(Float.init)))]
    return (areas * weights).total().dividedOrZero(by: weights.total())
  }
}

extension SettingCodec where Value == [Double]? {
  /// A list of numbers, or null.
  static var list: SettingCodec<[Double]?> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard configuration.value(key) != nil else { return nil }
        return .some(try configuration.numbers(key))
      },
      writing: { numbers, key, config in config[key] = numbers.map { JSON($0) } ?? .null })
  }
}

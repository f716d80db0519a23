import KerasGraph
import KerasLayers

/// The root of the mean squared error of all samples.
public final class RootMeanSquaredError: MeanMetric, @unchecked Sendable {
  public init(name: String = "root_mean_squared_error") { super.init(name: name) }

  public override var direction: Direction? { .down }
  override var usesMask: Bool { false }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    return LossValues((p - t).squared)
  }

  public override func result(_ states: [RecordedValue]) throws -> RecordedValue {
    try super.result(states).root
  }
}

/// The coefficient of determination, `1 − Σ(t − p)² / Σ(t − mean t)²`, of predictions `[batch, outputs]`.
public final class R2Score: Metric, @unchecked Sendable {
  public enum Aggregation: String, Hashable, CaseIterable, SettingValue {
    case uniformAverage = "uniform_average"
    case varianceWeightedAverage = "variance_weighted_average"
  }

  /// How outputs become one; nil for one number each.
  @Setting("class_aggregation") public private(set) var aggregation: Aggregation?
  /// For the adjusted coefficient: how many independent variables predict; 0 for the plain one.
  @Setting("num_regressors", Int.settingCodec.requiring("a number from 0 up") { $0 >= 0 })
  public private(set) var regressorCount: Int

  public init(
    aggregation: Aggregation? = .uniformAverage, regressorCount: Int = 0, name: String = "r2_score"
  ) {
    super.init(name: name)
    self.aggregation = aggregation
    self.regressorCount = regressorCount
  }

  public override var direction: Direction? { .up }

  public override func states(target: TensorSpec, prediction: TensorSpec) throws -> [MetricState] {
    let count = try outputCount(of: prediction, for: "R2Score")
    return [MetricState("num_samples")]
      + ["squared_sum", "sum", "residual", "count"].map { MetricState($0, shape: [count]) }
  }

  public override func update(_ states: [RecordedValue], with batch: MetricBatch) throws -> [RecordedValue] {
    let (t, p) = try batch.numbers()
    var weights = batch.weights ?? t.number(1)
    if try weights.rank == 1 { weights = weights.expanded(axis: 1) }
    weights = weights.broadcast(to: try t.spec.shape)
    let weighted = t * weights
    return [
      states[0] + Double(try t.lengths.reduce(1, *)), states[1] + (t * weighted).sum(axes: [0]),
      states[2] + weighted.sum(axes: [0]), states[3] + ((t - p).squared * weights).sum(axes: [0]),
      states[4] + weights.sum(axes: [0]),
    ]
  }

  public override func result(_ states: [RecordedValue]) -> RecordedValue {
    let (squares, sum, residual, count) = (states[1], states[2], states[3], states[4])
    let total = squares - sum * (sum / count)
    let ratio = 1 - residual / total
    let scores = ratio.kept(where: ratio.magnitude .!= .infinity, else: 0)
    let score =
      switch aggregation {
      case nil: scores
      case .uniformAverage: scores.mean()
      case .varianceWeightedAverage: (total * scores).total() / total.total()
      }
    guard regressorCount > 0 else { return score }
    // Where there are too few samples to adjust for, Keras leaves it as it is.
    let free = states[0] - Double(regressorCount) - 1
    return (1 - (1 - score) * (states[0] - 1) / free).kept(where: free .> 0, else: score)
  }
}

/// The mean of Pearson's correlation between targets and predictions along an axis.
public final class PearsonCorrelation: MeanMetric, @unchecked Sendable {
  @Setting("axis") public private(set) var axis: Int

  public init(axis: Int = -1, name: String = "pearson_correlation") {
    super.init(name: name)
    self.axis = axis
  }

  public override var direction: Direction? { .up }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    func normalized(_ x: RecordedValue) -> RecordedValue {
      let centered = x - x.mean(axes: [axis], keepsDimensions: true)
      return centered / variance(centered, axis).root
    }
    return LossValues((normalized(t) * normalized(p)).mean(axes: [axis]))
  }
}

/// The mean of the concordance correlation between targets and predictions along an axis, in Keras' form.
public final class ConcordanceCorrelation: MeanMetric, @unchecked Sendable {
  @Setting("axis") public private(set) var axis: Int

  public init(axis: Int = -1, name: String = "concordance_correlation") {
    super.init(name: name)
    self.axis = axis
  }

  public override var direction: Direction? { .up }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    let (mean, predicted) = (
      t.mean(axes: [axis], keepsDimensions: true), p.mean(axes: [axis], keepsDimensions: true)
    )
    // Keras takes the predictions' mean from the targets, too.
    let product = (t - predicted) * (p - predicted)
    let spread = variance(t - mean, axis) + variance(p - predicted, axis) + (mean - predicted).squared
    return LossValues((product * 2 / (spread + kerasEpsilon)).mean(axes: [axis]))
  }
}

private func variance(_ x: RecordedValue, _ axis: Int) -> RecordedValue {
  x.then { (graph, x) throws(KerasError) in try graph.variance(x, axes: [axis], keepsDimensions: true) }
}

/// How many outputs a metric of predictions `[batch, outputs]` is for.
func outputCount(of prediction: TensorSpec, for metric: String) throws(KerasError) -> Int {
  guard prediction.shape.rank == 2, let count = prediction.shape[1] else {
    throw KerasError(
      .shapeMismatch, "\(metric) takes predictions [batch, outputs], found \(prediction.shape).")
  }
  return count
}

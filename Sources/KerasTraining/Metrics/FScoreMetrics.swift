import KerasGraph
import KerasLayers

/// The weighted harmonic mean of precision and recall, `(1 + β²)·P·R / (β²·P + R)`, of predictions `[batch, classes]`.
public class FBetaScore: Metric, @unchecked Sendable {
  public enum Average: String, Hashable, CaseIterable, SettingValue { case micro, macro, weighted }

  /// How classes become one number; nil for one each.
  @Setting("average") public private(set) final var average: Average?
  @Setting("beta", Double.settingCodec.requiring("a number above 0") { $0 > 0 })
  public private(set) final var beta: Double
  /// What a prediction must exceed to count as yes; nil for the likeliest class alone.
  @Setting("threshold") public private(set) final var threshold: Double?

  public init(
    average: Average? = nil, beta: Double = 1, threshold: Double? = nil, name: String = "fbeta_score"
  ) {
    super.init(name: name)
    self.average = average
    self.beta = beta
    self.threshold = threshold
  }

  public override var direction: Direction? { .up }

  public override func states(target: TensorSpec, prediction: TensorSpec) throws -> [MetricState] {
    let shape = average == .micro ? [] : [try outputCount(of: prediction, for: className)]
    return ["true_positives", "false_positives", "false_negatives", "intermediate_weights"].map {
      MetricState($0, shape: shape)
    }
  }

  public override func update(_ states: [RecordedValue], with batch: MetricBatch) throws -> [RecordedValue] {
    let t = batch.target.cast(to: .float32)
    try requireSameShape(t, batch.prediction)
    let given = batch.prediction.cast(to: .float32)
    let isYes =
      threshold.map { given .> $0 }
      ?? (given .>= given.maximum(axes: [-1], keepsDimensions: true)).and(given.magnitude .> 1e-9)
    let p = isYes.cast(to: .float32)
    func sum(_ x: RecordedValue) -> RecordedValue {
      let weighted = batch.weights.map { x * $0.expanded(axis: 1) } ?? x
      return average == .micro ? weighted.total() : weighted.sum(axes: [0])
    }
    return [
      states[0] + sum(p * t), states[1] + sum(p * (1 - t)), states[2] + sum((1 - p) * t), states[3] + sum(t),
    ]
  }

  public override func result(_ states: [RecordedValue]) -> RecordedValue {
    let (hits, weights) = (states[0], states[3])
    let precision = hits / (hits + states[1] + kerasEpsilon)
    let recall = hits / (hits + states[2] + kerasEpsilon)
    let mean = precision * recall / (precision * (beta * beta) + recall + kerasEpsilon)
    let score = mean * (1 + beta * beta)
    return switch average {
    case nil: score
    case .weighted: (score * (weights / (weights.total() + kerasEpsilon))).total()
    case .micro, .macro: score.mean()
    }
  }
}

/// The harmonic mean of precision and recall; see ``FBetaScore``.
public final class F1Score: FBetaScore, @unchecked Sendable {
  public init(average: Average? = nil, threshold: Double? = nil, name: String = "f1_score") {
    super.init(average: average, beta: 1, threshold: threshold, name: name)
  }

  public override var config: JSONObject {
    var config = super.config
    config["beta"] = nil
    return config
  }
}

import KerasGraph
import KerasLayers

/// The weighted mean of numbers: of the predictions, whatever the targets.
public final class Mean: MeanMetric, @unchecked Sendable {
  public init(name: String = "mean") { super.init(name: name) }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    LossValues(prediction)
  }

  override var usesMask: Bool { false }
}

/// The weighted sum of numbers: of the predictions, whatever the targets.
public final class Sum: Metric, @unchecked Sendable {
  public init(name: String = "sum") { super.init(name: name) }

  public override func states(target: TensorSpec, prediction: TensorSpec) -> [MetricState] {
    [MetricState("total")]
  }

  public override func update(_ states: [RecordedValue], with batch: MetricBatch) throws -> [RecordedValue] {
    [states[0] + (try samplewise(LossValues(batch.prediction), batch.weights) { $0.sum(axes: $1) }.sum)]
  }

  public override func result(_ states: [RecordedValue]) -> RecordedValue { states[0] }
}

import KerasGraph
import KerasLayers

/// A metric that is the weighted mean, over all samples, of a function of targets and predictions.
open class MeanMetric: Metric, @unchecked Sendable {
  /// Records the number of each sample, or of each place in it: `[batch, …]`.
  ///
  /// A mask among these takes effect on weights alone, as in Keras.
  open func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    throw KerasError(
      .unsupported, "The metric \(className) does not say what it is the mean of.",
      remedy: "override values(_:_:).")
  }

  open override func states(target: TensorSpec, prediction: TensorSpec) throws -> [MetricState] {
    [MetricState("total"), MetricState("count")]
  }

  open override func update(_ states: [RecordedValue], with batch: MetricBatch) throws -> [RecordedValue] {
    let found = try values(batch.target, batch.prediction)
    let weights = try maskedWeights(batch.weights, mask: usesMask ? batch.mask : nil, isRescaled: false)
    let (sum, count) = try samplewise(found, weights) { $0.mean(axes: $1) }
    return [states[0] + sum, states[1] + count]
  }

  /// Whether masks of predictions weigh; Keras' own means that wrap no function know none.
  var usesMask: Bool { true }

  open override func result(_ states: [RecordedValue]) throws -> RecordedValue {
    states[0].dividedOrZero(by: states[1])
  }
}

/// The sum over samples of their weighted values, and of their weights, as Keras' `reduce_to_samplewise_values`.
///
/// - Parameter reduce: what becomes of the places in a sample.
func samplewise(
  _ found: LossValues, _ weights: RecordedValue?,
  _ reduce: (RecordedValue, [Int]) -> RecordedValue
) throws(KerasError) -> (sum: RecordedValue, count: RecordedValue) {
  var values = found.values.cast(to: .float32)
  var count: RecordedValue?
  func allButFirst(_ x: RecordedValue) throws(KerasError) -> RecordedValue {
    let rank = try x.rank
    return rank > 1 ? reduce(x, Array(1..<rank)) : x
  }
  if var weights = weights {
    if let mask = found.mask {
      weights = try maskedWeights(weights, mask: mask, isRescaled: false) ?? weights
    }
    (values, weights) = try aligned(values, weights)
    let (rank, weightRank) = (try values.rank, try weights.rank)
    if rank > weightRank { values = reduce(values, Array(weightRank..<rank)) }
    let (given, shape) = (try weights.spec.shape, try values.spec.shape)
    try require(
      (try? broadcastShape(given, shape)) == shape, .shapeMismatch,
      "Sample weights of shape \(given) do not fit values of shape \(shape).",
      remedy: "give one weight a sample, or one for each of its places.")
    weights = weights.broadcast(to: shape)
    values = values * weights
    count = try allButFirst(weights).total()
  } else if try values.rank > 0 {
    count = values.graph.number(Double(try values.lengths[0]))
  }
  return (try allButFirst(values).total(), count ?? values.graph.number(1))
}

/// The mean of a loss, as a metric; what its settings are stands in the metric's.
public class LossMetric: MeanMetric, @unchecked Sendable {
  /// The loss it is the mean of.
  var loss: Loss { preconditionFailure("a metric of a loss says of which") }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    try loss.values(target, prediction)
  }

  public override var direction: Direction? { .down }
}

/// A metric that is a closure; it has a name and is not kept in files.
final class CustomMetric: MeanMetric, @unchecked Sendable {
  private let function: @Sendable (RecordedValue, RecordedValue) throws -> RecordedValue

  init(name: String, _ function: @escaping @Sendable (RecordedValue, RecordedValue) throws -> RecordedValue) {
    self.function = function
    super.init(name: name)
  }

  override var className: String { name }

  override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    LossValues(try function(target, prediction))
  }
}

/// A loss that Keras has no metric of its own for, or a user's.
final class WrappedLossMetric: LossMetric, @unchecked Sendable {
  private let wrapped: Loss

  init(_ loss: Loss, name: String? = nil) {
    wrapped = loss
    super.init(name: name ?? loss.name)
  }

  override var className: String { "MeanMetricWrapper" }
  override var loss: Loss { wrapped }

  override var config: JSONObject {
    var config = declaredConfig
    config["fn"] = wrapped.json
    return config
  }
}

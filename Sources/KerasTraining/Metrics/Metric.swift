import KerasGraph
import KerasLayers

/// What tells how well a model does: numbers that go from batch to batch, how a batch changes them, and what they mean,
/// all written in graph operations.
///
/// ```swift
/// final class Bias: MeanMetric, @unchecked Sendable {
///   init() { super.init(name: "bias") }
///   override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
///     LossValues(prediction - target)
///   }
/// }
/// ```
/// A metric that is a mean over samples is a ``MeanMetric``, or a closure: ``custom(_:_:)``.
open class Metric: Serializable, @unchecked Sendable {
  @Setting("name") public private(set) final var name: String
  /// As Keras writes it: the element type of what it keeps, or a policy.
  @Setting("dtype") package private(set) final var elementType: JSON

  public init(name: String, dataType: DataType = .float32) {
    self.name = name
    elementType = .string(dataType.rawValue)
  }

  open var className: String { "\(Self.self)" }
  open var config: JSONObject { declaredConfig }

  /// Whether larger is better; nil where nobody can say.
  open var direction: Direction? { nil }

  public enum Direction: Hashable, Sendable { case up, down }

  /// What is kept from batch to batch, as it is before the first one.
  ///
  /// - Throws: `shapeMismatch` for targets or predictions it does not take.
  open func states(target: TensorSpec, prediction: TensorSpec) throws -> [MetricState] {
    throw KerasError(.unsupported, "The metric \(className) does not say what it keeps.")
  }

  /// Records what a batch changes.
  ///
  /// - Parameters:
  ///   - states: as they are, in the order of ``states(target:prediction:)``.
  ///   - batch: targets, predictions, and weights of samples.
  /// - Returns: the states as they are after the batch.
  open func update(_ states: [RecordedValue], with batch: MetricBatch) throws -> [RecordedValue] { states }

  /// Records what the states mean: one number, or one for each class or threshold.
  open func result(_ states: [RecordedValue]) throws -> RecordedValue {
    throw KerasError(.unsupported, "The metric \(className) does not say what its states mean.")
  }

  /// For a metric that depends on what it is asked of; others are themselves.
  open func resolved(target: TensorSpec, prediction: TensorSpec) -> Metric { self }

  /// As Keras writes it into configurations.
  public final var json: JSON { Metrics.registry.json(of: self) }
}

/// Numbers that a metric keeps from batch to batch.
public struct MetricState: Sendable {
  public var name: String
  public var initial: Tensor

  public init(_ name: String, shape: [Int] = [], _ dataType: DataType = .float32) {
    self.name = name
    initial = Tensor(zeros: shape, dataType)
  }
}

/// What a metric gets of a batch.
public struct MetricBatch {
  /// In the element type that was given.
  public var target: RecordedValue
  public var prediction: RecordedValue
  /// Of samples `[batch]`, or of places in them; nil for ones.
  public var weights: RecordedValue?
  /// Of the prediction, `bool`; nil for none.
  public var mask: RecordedValue?

  public init(
    target: RecordedValue, prediction: RecordedValue, weights: RecordedValue? = nil,
    mask: RecordedValue? = nil
  ) {
    self.target = target
    self.prediction = prediction
    self.weights = weights?.cast(to: .float32)
    self.mask = mask
  }

  /// Both in one floating-point type and of one rank.
  func numbers() throws(KerasError) -> (target: RecordedValue, prediction: RecordedValue) {
    try KerasTraining.numbers(target, prediction)
  }
}

import KerasGraph
import KerasLayers

/// What training makes small: a function of targets and predictions, written once in graph operations.
///
/// ```swift
/// final class Quantile: Loss, @unchecked Sendable {
///   @Setting("quantile") private(set) var quantile: Double
///   init(_ quantile: Double = 0.5) {
///     super.init(name: "quantile")
///     self.quantile = quantile
///   }
///   override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
///     let error = target - prediction
///     return LossValues((error * quantile).combined(.maximum, with: error * (quantile - 1)).mean(axes: [-1]))
///   }
/// }
/// Losses.registry.register("Quantile") { _ in Quantile() }
/// ```
/// Settings are declared with `@Setting`, so that files hold them. Where a function will do, ``custom(_:_:)`` makes a
/// loss of it.
open class Loss: Serializable, @unchecked Sendable {
  @Setting("name") public private(set) final var name: String
  /// How the values of a batch become one number.
  @Setting("reduction", LossReduction.codec) public private(set) final var reduction: LossReduction

  public init(name: String, reduction: LossReduction = .sumOverBatchSize) {
    self.name = name
    self.reduction = reduction
  }

  open var className: String { "\(Self.self)" }
  open var config: JSONObject { declaredConfig }

  /// Records the loss of every sample (and of every place in it): `[batch, …]`, without reduction and weights.
  ///
  /// - Parameters:
  ///   - target: as it was given, in any element type.
  ///   - prediction: a model's output, floating-point.
  open func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    throw KerasError(
      .unsupported, "The loss \(className) does not say what it computes.",
      remedy: "override values(_:_:).")
  }

  /// For a loss that depends on what it is asked of; others are themselves.
  open func resolved(target: TensorSpec, prediction: TensorSpec) -> Loss { self }

  /// As Keras writes it into configurations.
  public final var json: JSON { Losses.registry.json(of: self) }
}

/// What a loss is for every sample.
public struct LossValues {
  /// `[batch, …]`
  public var values: RecordedValue
  /// Which of them count, `bool`; nil for all.
  public var mask: RecordedValue?

  public init(_ values: RecordedValue, mask: RecordedValue? = nil) {
    self.values = values
    self.mask = mask
  }
}

extension Loss {
  /// Records the loss of a batch as training counts it.
  ///
  /// - Parameters:
  ///   - weights: of samples, `[batch]`, or of places in them.
  ///   - mask: of the prediction, `bool`: masked places do not count.
  /// - Returns: one number, or with the reduction `none` one for each sample.
  /// - Throws: `shapeMismatch` where targets and predictions do not fit.
  public final func record(
    _ target: RecordedValue, _ prediction: RecordedValue, weights: RecordedValue? = nil,
    mask: RecordedValue? = nil
  ) throws(KerasError) -> RecordedValue {
    try within(name) { () throws(KerasError) in
      // As Keras' LossFunctionWrapper: [batch] beside [batch, 1] means the same.
      let (target, prediction) = try aligned(target, prediction)
      let result = try wrappingErrors { try values(target, prediction) }
      let masks = [mask, result.mask].compactMap { $0 }
      return try reduction.reduce(
        result.values, weights: weights, mask: masks.dropFirst().reduce(masks.first) { $0?.and($1) })
    }
  }
}

/// A loss that is a closure; it has a name and is not kept in files.
final class CustomLoss: Loss, @unchecked Sendable {
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

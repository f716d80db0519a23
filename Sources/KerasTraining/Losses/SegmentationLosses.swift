import KerasGraph
import KerasLayers

/// `1 − 2·Σ t·p / (Σ t + Σ p)`: how little two regions overlap.
public final class Dice: Loss, @unchecked Sendable {
  /// The axes that are summed over; nil for all.
  @Setting("axis") public private(set) var axes: [Int]?

  public init(
    axes: [Int]? = nil, reduction: LossReduction = .sumOverBatchSize, name: String = "dice"
  ) {
    super.init(name: name, reduction: reduction)
    self.axes = axes
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = (target.cast(to: try prediction.spec.dataType), prediction)
    let sum = { (x: RecordedValue) in summed(x, self.axes) }
    return LossValues(1 - sum(t * p) * 2 / (sum(t) + sum(p) + kerasEpsilon))
  }
}

/// `1 − I / (I + alpha·A + beta·B)` with the overlap `I`, `A` what is only in the target and `B` what is only in the
/// prediction.
///
/// Salehi et al., "Tversky loss function for image segmentation using 3D fully convolutional deep networks" (2017),
/// https://arxiv.org/abs/1706.05721; Keras' source calls `A` false positives.
public final class Tversky: Loss, @unchecked Sendable {
  @Setting("alpha") public private(set) var alpha: Double
  @Setting("beta") public private(set) var beta: Double
  /// The axes that are summed over; nil for all.
  @Setting("axis") public private(set) var axes: [Int]?

  public init(
    alpha: Double = 0.5, beta: Double = 0.5, axes: [Int]? = nil,
    reduction: LossReduction = .sumOverBatchSize, name: String = "tversky"
  ) {
    super.init(name: name, reduction: reduction)
    self.alpha = alpha
    self.beta = beta
    self.axes = axes
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = (target.cast(to: try prediction.spec.dataType), prediction)
    let sum = { (x: RecordedValue) in summed(x, self.axes) }
    let overlap = sum(t * p)
    let rest = sum((1 - p) * t) * alpha + sum(p * (1 - t)) * beta
    return LossValues(1 - overlap / (overlap + rest + kerasEpsilon))
  }
}

private func summed(_ x: RecordedValue, _ axes: [Int]?) -> RecordedValue {
  axes.map { x.sum(axes: $0) } ?? x.total()
}

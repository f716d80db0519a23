import KerasGraph
import KerasLayers

/// `−Σ t · log p` along an axis, for targets that give every class its probability (one-hot, as a rule).
///
/// Probabilities that do not add up to 1 are divided by their sum. Where the prediction is what a softmax gave, its
/// logits are used, so that nothing is lost to rounding.
public final class CategoricalCrossentropy: Loss, @unchecked Sendable {
  @Setting("from_logits") public private(set) var fromLogits: Bool
  /// Moves targets towards equal ones by this share.
  @Setting("label_smoothing") public private(set) var labelSmoothing: Double
  @Setting("axis") public private(set) var axis: Int

  public init(
    fromLogits: Bool = false, labelSmoothing: Double = 0, axis: Int = -1,
    reduction: LossReduction = .sumOverBatchSize, name: String = "categorical_crossentropy"
  ) {
    super.init(name: name, reduction: reduction)
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
    self.axis = axis
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    try requireSameShape(target, prediction)
    let t = try smoothed(target.cast(to: prediction.spec.dataType), by: labelSmoothing)
    let isLast = try axis == -1 || axis == prediction.rank - 1
    if let logits = fromLogits ? prediction : isLast ? try prediction.softmaxLogits : nil {
      // TensorFlow's gradient is softmax − t, which is that of logΣexp − Σ t·x. Where targets do not add up to 1 the
      // loss is more than that, and its gradient the same.
      let normalizer = logits.logSumExp(axis: axis)
      let rest = (t.sum(axes: [axis]) - 1) * normalizer.stopped
      return LossValues(normalizer - (t * logits).sum(axes: [axis]) + rest)
    }
    return LossValues(-(t * normalized(prediction, axis: axis).logarithm).sum(axes: [axis]))
  }
}

/// ``CategoricalCrossentropy`` with every class weighted by `alpha · (1 − p)^gamma`.
///
/// Lin et al., "Focal Loss for Dense Object Detection" (2017), https://arxiv.org/abs/1708.02002.
public final class CategoricalFocalCrossentropy: Loss, @unchecked Sendable {
  @Setting("from_logits") public private(set) var fromLogits: Bool
  @Setting("label_smoothing") public private(set) var labelSmoothing: Double
  @Setting("axis") public private(set) var axis: Int
  @Setting("alpha") public private(set) var alpha: Double
  @Setting("gamma") public private(set) var gamma: Double

  public init(
    alpha: Double = 0.25, gamma: Double = 2, fromLogits: Bool = false, labelSmoothing: Double = 0,
    axis: Int = -1, reduction: LossReduction = .sumOverBatchSize,
    name: String = "categorical_focal_crossentropy"
  ) {
    super.init(name: name, reduction: reduction)
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
    self.axis = axis
    self.alpha = alpha
    self.gamma = gamma
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    try requireSameShape(target, prediction)
    let t = try smoothed(target.cast(to: prediction.spec.dataType), by: labelSmoothing)
    let axis = axis
    let given =
      fromLogits
      ? prediction.then { (graph, x) throws(KerasError) in try graph.softmax(x, axis: axis) } : prediction
    let p = normalized(given, axis: axis)
    return LossValues(((1 - p).power(gamma) * alpha * -(t * p.logarithm)).sum(axes: [axis]))
  }
}

/// `(1 − pᵗ^q) / q` of the probability given to the right class: between crossentropy (q → 0) and the mean absolute
/// error (q = 1), robust against wrong labels.
///
/// Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels" (2018),
/// https://arxiv.org/abs/1805.07836. Targets are class numbers.
public final class CategoricalGeneralizedCrossEntropy: Loss, @unchecked Sendable {
  @Setting("q", Double.settingCodec.requiring("between 0 and 1") { 0 < $0 && $0 < 1 })
  public private(set) var q: Double

  public init(
    q: Double = 0.5, reduction: LossReduction = .sumOverBatchSize,
    name: String = "categorical_generalized_cross_entropy"
  ) {
    super.init(name: name, reduction: reduction)
    self.q = q
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let count = try prediction.lengths.last ?? 1
    let type = try prediction.spec.dataType
    let chosen = target.cast(to: .int32).then { (graph, t) throws(KerasError) in
      try graph.oneHot(t, count: count, type)
    }
    return LossValues((1 - (prediction * chosen).sum(axes: [-1]).power(q)) * (1 / q))
  }
}

/// Probabilities that add up to 1 along an axis, none of them 0 or 1.
private func normalized(_ p: RecordedValue, axis: Int) -> RecordedValue {
  (p / p.sum(axes: [axis], keepsDimensions: true)).clipped(kerasEpsilon, 1 - kerasEpsilon)
}

/// Keras takes the number of classes from the last axis, whatever the axis of the loss.
private func smoothed(_ t: RecordedValue, by share: Double) throws(KerasError) -> RecordedValue {
  share == 0 ? t : t * (1 - share) + share / Double(max(try t.lengths.last ?? 1, 1))
}

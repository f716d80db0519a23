import KerasGraph
import KerasLayers

/// `−(t · log p + (1 − t) · log(1 − p))`, averaged along an axis: the loss of yes or no, and of labels that do not
/// exclude each other.
///
/// Where the prediction is what a sigmoid gave, its logits are used, so that nothing is lost to rounding.
public final class BinaryCrossentropy: Loss, @unchecked Sendable {
  @Setting("from_logits") public private(set) var fromLogits: Bool
  /// Moves targets towards ½ by this share.
  @Setting("label_smoothing") public private(set) var labelSmoothing: Double
  @Setting("axis") public private(set) var axis: Int

  public init(
    fromLogits: Bool = false, labelSmoothing: Double = 0, axis: Int = -1,
    reduction: LossReduction = .sumOverBatchSize, name: String = "binary_crossentropy"
  ) {
    super.init(name: name, reduction: reduction)
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
    self.axis = axis
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    try requireSameShape(target, prediction)
    let t = smoothed(target.cast(to: try prediction.spec.dataType), by: labelSmoothing)
    let logits = fromLogits ? prediction : try prediction.sigmoidLogits
    return LossValues(crossentropy(t, prediction, logits: logits).mean(axes: [axis]))
  }
}

/// ``BinaryCrossentropy`` times `(1 − pₜ)^gamma`, where `pₜ` is the probability given to what is right: what is easy
/// counts less.
///
/// Lin et al., "Focal Loss for Dense Object Detection" (2017), https://arxiv.org/abs/1708.02002.
public final class BinaryFocalCrossentropy: Loss, @unchecked Sendable {
  @Setting("from_logits") public private(set) var fromLogits: Bool
  @Setting("label_smoothing") public private(set) var labelSmoothing: Double
  @Setting("axis") public private(set) var axis: Int
  /// Whether yes is weighted by `alpha` and no by `1 − alpha`.
  @Setting("apply_class_balancing") public private(set) var balancesClasses: Bool
  @Setting("alpha") public private(set) var alpha: Double
  @Setting("gamma") public private(set) var gamma: Double

  public init(
    balancesClasses: Bool = false, alpha: Double = 0.25, gamma: Double = 2, fromLogits: Bool = false,
    labelSmoothing: Double = 0, axis: Int = -1, reduction: LossReduction = .sumOverBatchSize,
    name: String = "binary_focal_crossentropy"
  ) {
    super.init(name: name, reduction: reduction)
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
    self.axis = axis
    self.balancesClasses = balancesClasses
    self.alpha = alpha
    self.gamma = gamma
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    try requireSameShape(target, prediction)
    let t = smoothed(target.cast(to: try prediction.spec.dataType), by: labelSmoothing)
    let p = fromLogits ? prediction.applying(.sigmoid) : prediction
    let loss = crossentropy(t, p, logits: try p.sigmoidLogits)
    let right = t * p + (1 - t) * (1 - p)
    var focal = (1 - right).power(gamma) * loss
    if balancesClasses { focal = (t * alpha + (1 - t) * (1 - alpha)) * focal }
    return LossValues(focal.mean(axes: [axis]))
  }
}

/// - Parameter logits: where they are known, used instead of the probabilities.
private func crossentropy(
  _ t: RecordedValue, _ p: RecordedValue, logits: RecordedValue?
) -> RecordedValue {
  if let x = logits {
    // max(x, 0) − x·t + log(1 + e^−|x|), as TensorFlow's sigmoid_cross_entropy_with_logits.
    return x.applying(.relu) - x * t + (-x.magnitude).applying(.exponential).applying(.logarithmOfOnePlus)
  }
  let p = p.clipped(kerasEpsilon, 1 - kerasEpsilon)
  return -(t * p.logarithm + (1 - t) * (1 - p).logarithm)
}

private func smoothed(_ t: RecordedValue, by share: Double) -> RecordedValue {
  share == 0 ? t : t * (1 - share) + 0.5 * share
}

/// As Keras' crossentropies, whose targets and predictions must have one shape.
func requireSameShape(_ target: RecordedValue, _ prediction: RecordedValue) throws(KerasError) {
  let (t, p) = (try target.spec.shape, try prediction.spec.shape)
  try require(
    t == p, .shapeMismatch, "Expected targets of the predictions' shape \(p), found \(t).",
    remedy: t.rank + 1 == p.rank || t.last == 1
      ? "targets that are class numbers want sparseCategoricalCrossentropy; for yes or no, give them the shape \(p)."
      : "give one number for each predicted one.")
}

extension RecordedValue {
  /// What a sigmoid made this value of; nil where none did.
  var sigmoidLogits: RecordedValue? {
    get throws(KerasError) {
      guard case .unary(let operation) = graph.graph.nodes[try value.node].operation,
        operation.function == .sigmoid
      else { return nil }
      return graph[graph.graph.nodes[try value.node].inputs[0]]
    }
  }

  /// What a softmax along the last axis made this value of; nil where none did.
  var softmaxLogits: RecordedValue? {
    get throws(KerasError) {
      let node = graph.graph.nodes[try value.node]
      guard case .softmax(let operation) = node.operation, operation.axis == (try rank) - 1 else {
        return nil
      }
      return graph[node.inputs[0]]
    }
  }
}

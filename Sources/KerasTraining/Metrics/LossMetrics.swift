import KerasGraph
import KerasLayers

// Metrics that are the mean of a loss. Where Keras has one name for both, the metric's class here is the loss' with
// `Metric` behind it, and files say Keras' name.

/// The mean of a loss that has no settings.
public final class PlainLossMetric: LossMetric, @unchecked Sendable {
  private let kind: Kind

  /// Which loss, under the name of Keras' class.
  enum Kind: String, CaseIterable {
    case meanSquaredError = "MeanSquaredError"
    case meanAbsoluteError = "MeanAbsoluteError"
    case meanAbsolutePercentageError = "MeanAbsolutePercentageError"
    case meanSquaredLogarithmicError = "MeanSquaredLogarithmicError"
    case logCosh = "LogCoshError"
    case hinge = "Hinge"
    case squaredHinge = "SquaredHinge"
    case categoricalHinge = "CategoricalHinge"
    case klDivergence = "KLDivergence"
    case poisson = "Poisson"

    var loss: Loss {
      switch self {
      case .meanSquaredError: MeanSquaredError()
      case .meanAbsoluteError: MeanAbsoluteError()
      case .meanAbsolutePercentageError: MeanAbsolutePercentageError()
      case .meanSquaredLogarithmicError: MeanSquaredLogarithmicError()
      case .logCosh: LogCosh(name: "logcosh")
      case .hinge: Hinge()
      case .squaredHinge: SquaredHinge()
      case .categoricalHinge: CategoricalHinge()
      case .klDivergence: KLDivergence()
      case .poisson: Poisson()
      }
    }
  }

  init(_ kind: Kind, name: String? = nil) {
    self.kind = kind
    super.init(name: name ?? kind.loss.name)
  }

  public override var className: String { kind.rawValue }
  override var loss: Loss { kind.loss }
}

/// The mean of ``BinaryCrossentropy``.
public final class BinaryCrossentropyMetric: LossMetric, @unchecked Sendable {
  @Setting("from_logits") public private(set) var fromLogits: Bool
  @Setting("label_smoothing") public private(set) var labelSmoothing: Double

  public init(fromLogits: Bool = false, labelSmoothing: Double = 0, name: String = "binary_crossentropy") {
    super.init(name: name)
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
  }

  public override var className: String { "BinaryCrossentropy" }
  override var loss: Loss { BinaryCrossentropy(fromLogits: fromLogits, labelSmoothing: labelSmoothing) }
}

/// The mean of ``CategoricalCrossentropy``.
public final class CategoricalCrossentropyMetric: LossMetric, @unchecked Sendable {
  @Setting("from_logits") public private(set) var fromLogits: Bool
  @Setting("label_smoothing") public private(set) var labelSmoothing: Double
  @Setting("axis") public private(set) var axis: Int

  public init(
    fromLogits: Bool = false, labelSmoothing: Double = 0, axis: Int = -1,
    name: String = "categorical_crossentropy"
  ) {
    super.init(name: name)
    self.fromLogits = fromLogits
    self.labelSmoothing = labelSmoothing
    self.axis = axis
  }

  public override var className: String { "CategoricalCrossentropy" }
  override var loss: Loss {
    CategoricalCrossentropy(fromLogits: fromLogits, labelSmoothing: labelSmoothing, axis: axis)
  }
}

/// The mean of ``SparseCategoricalCrossentropy``.
public final class SparseCategoricalCrossentropyMetric: LossMetric, @unchecked Sendable {
  @Setting("from_logits") public private(set) var fromLogits: Bool
  @Setting("ignore_class") public private(set) var ignoredClass: Int?
  @Setting("axis") public private(set) var axis: Int

  public init(
    fromLogits: Bool = false, ignoredClass: Int? = nil, axis: Int = -1,
    name: String = "sparse_categorical_crossentropy"
  ) {
    super.init(name: name)
    self.fromLogits = fromLogits
    self.ignoredClass = ignoredClass
    self.axis = axis
  }

  public override var className: String { "SparseCategoricalCrossentropy" }
  override var loss: Loss {
    SparseCategoricalCrossentropy(fromLogits: fromLogits, ignoredClass: ignoredClass, axis: axis)
  }
}

/// The mean cosine of the angle between targets and predictions: 1 where they point one way, the opposite sign of the
/// loss.
public final class CosineSimilarityMetric: MeanMetric, @unchecked Sendable {
  // Keras forgets to write it.
  @Setting("axis", Int.settingCodec.omitting { $0 == -1 }) public private(set) var axis: Int

  public init(axis: Int = -1, name: String = "cosine_similarity") {
    super.init(name: name)
    self.axis = axis
  }

  public override var className: String { "CosineSimilarity" }
  public override var direction: Direction? { .up }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    return LossValues(cosine(t, p, axis: axis))
  }
}

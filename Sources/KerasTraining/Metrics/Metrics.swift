import KerasLayers

/// The metrics that names in files stand for; users register their own.
public enum Metrics {
  public static let registry = ClassRegistry<Metric>(
    "metric", module: "keras.metrics", of: classes, aliases: aliases,
    modernizing: { _, config, _, _ in
      guard let policy = config["dtype"], policy.string == nil else { return }
      config["dtype"] = policy["config"]?["name"] ?? .string("float32")
    })

  private static let classes: [@Sendable () -> Metric] =
    [
      { Mean() }, { Sum() }, { Accuracy() }, { BinaryAccuracy() }, { CategoricalAccuracy() },
      { SparseCategoricalAccuracy() }, { TopKCategoricalAccuracy() }, { SparseTopKCategoricalAccuracy() },
      { BinaryCrossentropyMetric() }, { CategoricalCrossentropyMetric() },
      { SparseCategoricalCrossentropyMetric() }, { CosineSimilarityMetric() }, { RootMeanSquaredError() },
      { R2Score() }, { PearsonCorrelation() }, { ConcordanceCorrelation() }, { TruePositives() },
      { TrueNegatives() }, { FalsePositives() }, { FalseNegatives() }, { PrecisionMetric() },
      { RecallMetric() },
      { PrecisionAtRecall() }, { RecallAtPrecision() }, { SensitivityAtSpecificity() },
      { SpecificityAtSensitivity() }, { AUC() }, { FBetaScore() }, { F1Score() }, { IoU() }, { BinaryIoU() },
      { MeanIoU() }, { OneHotIoU() }, { OneHotMeanIoU() },
    ] + PlainLossMetric.Kind.allCases.map { kind in { @Sendable in PlainLossMetric(kind) } }

  private static let aliases: [String: String] = {
    var aliases = [
      "mse": "MeanSquaredError", "MSE": "MeanSquaredError", "mae": "MeanAbsoluteError",
      "MAE": "MeanAbsoluteError",
      "mape": "MeanAbsolutePercentageError", "MAPE": "MeanAbsolutePercentageError",
      "msle": "MeanSquaredLogarithmicError", "MSLE": "MeanSquaredLogarithmicError",
      "bce": "BinaryCrossentropy",
      "BCE": "BinaryCrossentropy", "kld": "KLDivergence", "KLD": "KLDivergence",
      "kullback_leibler_divergence": "KLDivergence", "logcosh": "LogCoshError", "log_cosh": "LogCoshError",
      "cosine_proximity": "CosineSimilarity",
    ]
    // Every class by its name in small letters, as Keras has it.
    for make in classes {
      let name = make().className
      aliases[snakeCase(name)] = name
    }
    return aliases
  }()

  /// - Parameter json: a name such as `mae`, or an object as Keras writes it.
  /// - Throws: `unknownName` and what is wrong with the settings.
  public static func make(_ json: JSON, version: KerasVersion = .current) throws(KerasError) -> Metric {
    let json = Losses.function(json)
    if let name = json.string, ["accuracy", "acc"].contains(name.lowercased()) {
      return AutomaticAccuracy(name: name)
    }
    if json["class_name"]?.string == "MeanMetricWrapper", let function = json["config"]?["fn"] {
      let name = json["config"]?["name"]?.string
      // A function such as `sparse_categorical_accuracy`, which has a class of its own.
      if let function = Losses.function(function).string, registry.contains(function) {
        return try registry.make(
          ["class_name": .string(function), "config": ["name": JSON(name ?? function)]], version: version)
      }
      return WrappedLossMetric(try Losses.make(function, version: version), name: name)
    }
    guard let name = json.string else { return try registry.make(json, version: version) }
    // A loss does for a metric, as in Keras 2. Either is called what it was asked for by.
    if !registry.contains(name), Losses.registry.contains(name) {
      return WrappedLossMetric(try Losses.make(json, version: version), name: name)
    }
    return try registry.make(["class_name": json, "config": ["name": json]], version: version)
  }
}

extension Metric {
  /// The metric that Keras calls `name`: `accuracy`, `mae`, `AUC`.
  ///
  /// - Throws: `unknownName`, with the nearest names.
  public static func named(_ name: String) throws(KerasError) -> Metric { try Metrics.make(.string(name)) }

  /// The mean of a function of targets and predictions, for each sample `[batch, …]`.
  public static func custom(
    _ name: String,
    _ function:
      @escaping @Sendable (_ target: RecordedValue, _ prediction: RecordedValue) throws -> RecordedValue
  ) -> Metric { CustomMetric(name: name, function) }

  /// The mean of a loss.
  public static func mean(of loss: Loss) -> Metric { WrappedLossMetric(loss) }

  /// Binary, sparse or categorical accuracy, as the targets are.
  public static var accuracy: Metric { AutomaticAccuracy(name: "accuracy") }
  public static func binaryAccuracy(threshold: Double = 0.5) -> Metric {
    BinaryAccuracy(threshold: threshold)
  }
  public static var binaryAccuracy: Metric { BinaryAccuracy() }
  public static var categoricalAccuracy: Metric { CategoricalAccuracy() }
  public static var sparseCategoricalAccuracy: Metric { SparseCategoricalAccuracy() }
  public static func topKCategoricalAccuracy(k: Int = 5) -> Metric { TopKCategoricalAccuracy(k: k) }
  public static func sparseTopKCategoricalAccuracy(k: Int = 5) -> Metric {
    SparseTopKCategoricalAccuracy(k: k)
  }
  public static var meanSquaredError: Metric { PlainLossMetric(.meanSquaredError) }
  public static var rootMeanSquaredError: Metric { RootMeanSquaredError() }
  public static var meanAbsoluteError: Metric { PlainLossMetric(.meanAbsoluteError) }
  public static var meanAbsolutePercentageError: Metric { PlainLossMetric(.meanAbsolutePercentageError) }
  public static var meanSquaredLogarithmicError: Metric { PlainLossMetric(.meanSquaredLogarithmicError) }
  public static var logCoshError: Metric { PlainLossMetric(.logCosh) }
  public static var cosineSimilarity: Metric { CosineSimilarityMetric() }
  public static var klDivergence: Metric { PlainLossMetric(.klDivergence) }
  public static var poisson: Metric { PlainLossMetric(.poisson) }
  public static var hinge: Metric { PlainLossMetric(.hinge) }
  public static var squaredHinge: Metric { PlainLossMetric(.squaredHinge) }
  public static var categoricalHinge: Metric { PlainLossMetric(.categoricalHinge) }
  public static var binaryCrossentropy: Metric { BinaryCrossentropyMetric() }
  public static var categoricalCrossentropy: Metric { CategoricalCrossentropyMetric() }
  public static var sparseCategoricalCrossentropy: Metric { SparseCategoricalCrossentropyMetric() }
  public static func r2Score(aggregation: R2Score.Aggregation? = .uniformAverage) -> Metric {
    R2Score(aggregation: aggregation)
  }
  public static func precision(thresholds: [Double]? = nil, topK: Int? = nil, classNumber: Int? = nil)
    -> Metric
  {
    PrecisionMetric(thresholds: thresholds, topK: topK, classNumber: classNumber)
  }
  public static func recall(thresholds: [Double]? = nil, topK: Int? = nil, classNumber: Int? = nil) -> Metric
  {
    RecallMetric(thresholds: thresholds, topK: topK, classNumber: classNumber)
  }
  public static func auc(curve: AUC.Curve = .roc, isMultiLabel: Bool = false, fromLogits: Bool = false)
    -> Metric
  {
    AUC(curve: curve, isMultiLabel: isMultiLabel, fromLogits: fromLogits)
  }
  public static func f1Score(average: FBetaScore.Average? = nil, threshold: Double? = nil) -> Metric {
    F1Score(average: average, threshold: threshold)
  }
  public static func meanIoU(classCount: Int) -> Metric { MeanIoU(classCount: classCount) }
}

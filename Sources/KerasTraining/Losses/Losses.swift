import KerasLayers

/// The losses that names in files stand for; users register their own.
public enum Losses {
  public static let registry = ClassRegistry<Loss>(
    "loss", module: "keras.losses",
    of: [
      { MeanSquaredError() }, { MeanAbsoluteError() }, { MeanAbsolutePercentageError() },
      { MeanSquaredLogarithmicError() }, { Huber() }, { LogCosh() }, { CosineSimilarity() },
      { KLDivergence() },
      { Poisson() }, { Hinge() }, { SquaredHinge() }, { CategoricalHinge() }, { BinaryCrossentropy() },
      { BinaryFocalCrossentropy() }, { CategoricalCrossentropy() }, { CategoricalFocalCrossentropy() },
      { SparseCategoricalCrossentropy() }, { CategoricalGeneralizedCrossEntropy() }, { Dice() },
      { Tversky() },
      { CTC() }, { Circle() },
    ],
    aliases: [
      "mean_squared_error": "MeanSquaredError", "mse": "MeanSquaredError", "MSE": "MeanSquaredError",
      "mean_absolute_error": "MeanAbsoluteError", "mae": "MeanAbsoluteError", "MAE": "MeanAbsoluteError",
      "mean_absolute_percentage_error": "MeanAbsolutePercentageError", "mape": "MeanAbsolutePercentageError",
      "MAPE": "MeanAbsolutePercentageError",
      "mean_squared_logarithmic_error": "MeanSquaredLogarithmicError", "msle": "MeanSquaredLogarithmicError",
      "MSLE": "MeanSquaredLogarithmicError",
      "huber": "Huber", "huber_loss": "Huber", "log_cosh": "LogCosh", "logcosh": "LogCosh",
      "cosine_similarity": "CosineSimilarity", "cosine_proximity": "CosineSimilarity",
      "cosine": "CosineSimilarity", "CosineProximity": "CosineSimilarity",
      "kl_divergence": "KLDivergence", "kld": "KLDivergence", "KLD": "KLDivergence",
      "kullback_leibler_divergence": "KLDivergence", "poisson": "Poisson", "hinge": "Hinge",
      "squared_hinge": "SquaredHinge", "categorical_hinge": "CategoricalHinge",
      "binary_crossentropy": "BinaryCrossentropy", "bce": "BinaryCrossentropy", "BCE": "BinaryCrossentropy",
      "binary_focal_crossentropy": "BinaryFocalCrossentropy",
      "categorical_crossentropy": "CategoricalCrossentropy",
      "categorical_focal_crossentropy": "CategoricalFocalCrossentropy",
      "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
      "categorical_generalized_cross_entropy": "CategoricalGeneralizedCrossEntropy", "dice": "Dice",
      "tversky": "Tversky", "ctc": "CTC", "circle": "Circle",
    ],
    modernizing: { className, config, today, version in
      // Losses compute in the type of the predictions.
      config["dtype"] = nil
      // What a function of that name is called.
      if className != today, config["name"] == nil { config["name"] = .string(className) }
    })

  /// - Parameter json: a name such as `mse`, or an object as Keras writes it.
  /// - Throws: `unknownName` and what is wrong with the settings.
  public static func make(_ json: JSON, version: KerasVersion = .current) throws(KerasError) -> Loss {
    if let choice = json.string, ["crossentropy", "ce"].contains(choice.lowercased()) {
      return AutomaticCrossentropy(name: choice)
    }
    return try registry.make(function(json), version: version)
  }

  /// Keras writes a function as an object whose class is `function`, and whose settings are its name.
  static func function(_ json: JSON) -> JSON {
    guard json["class_name"]?.string == "function", let name = json["config"]?.string else { return json }
    return .string(name)
  }
}

/// Binary, sparse or categorical, as the targets are.
final class AutomaticCrossentropy: Loss, @unchecked Sendable {
  init(name: String) { super.init(name: name) }

  override func resolved(target: TensorSpec, prediction: TensorSpec) -> Loss {
    switch TargetKind(target: target, prediction: prediction) {
    case .binary: BinaryCrossentropy(name: name)
    case .sparse: SparseCategoricalCrossentropy(name: name)
    case .categorical: CategoricalCrossentropy(name: name)
    }
  }
}

/// What targets say, told from shapes as Keras' `is_binary_or_sparse_categorical`.
enum TargetKind {
  case binary, sparse, categorical

  init(target: TensorSpec, prediction: TensorSpec) {
    let (t, p) = (target.shape, prediction.shape)
    if p.last == 1 {
      self = .binary
    } else if t.rank < p.rank || t.last == 1 {
      self = .sparse
    } else {
      self = .categorical
    }
  }
}

extension Loss {
  /// The loss that Keras calls `name`: `mse`, `Huber`, `binary_crossentropy`.
  ///
  /// - Throws: `unknownName`, with the nearest names.
  public static func named(_ name: String) throws(KerasError) -> Loss { try Losses.make(.string(name)) }

  /// A loss that is a function of targets and predictions, for each sample `[batch, …]`.
  public static func custom(
    _ name: String,
    _ function:
      @escaping @Sendable (_ target: RecordedValue, _ prediction: RecordedValue) throws -> RecordedValue
  ) -> Loss { CustomLoss(name: name, function) }

  public static var meanSquaredError: Loss { MeanSquaredError() }
  public static var meanAbsoluteError: Loss { MeanAbsoluteError() }
  public static var meanAbsolutePercentageError: Loss { MeanAbsolutePercentageError() }
  public static var meanSquaredLogarithmicError: Loss { MeanSquaredLogarithmicError() }
  public static func huber(delta: Double = 1) -> Loss { Huber(delta: delta) }
  public static var logCosh: Loss { LogCosh() }
  public static var cosineSimilarity: Loss { CosineSimilarity() }
  public static var klDivergence: Loss { KLDivergence() }
  public static var poisson: Loss { Poisson() }
  public static var hinge: Loss { Hinge() }
  public static var squaredHinge: Loss { SquaredHinge() }
  public static var categoricalHinge: Loss { CategoricalHinge() }
  public static var binaryCrossentropy: Loss { BinaryCrossentropy() }
  public static func binaryCrossentropy(fromLogits: Bool = false, labelSmoothing: Double = 0) -> Loss {
    BinaryCrossentropy(fromLogits: fromLogits, labelSmoothing: labelSmoothing)
  }
  public static func binaryFocalCrossentropy(
    balancesClasses: Bool = false, alpha: Double = 0.25, gamma: Double = 2, fromLogits: Bool = false
  ) -> Loss {
    BinaryFocalCrossentropy(
      balancesClasses: balancesClasses, alpha: alpha, gamma: gamma, fromLogits: fromLogits)
  }
  public static var categoricalCrossentropy: Loss { CategoricalCrossentropy() }
  public static func categoricalCrossentropy(fromLogits: Bool = false, labelSmoothing: Double = 0) -> Loss {
    CategoricalCrossentropy(fromLogits: fromLogits, labelSmoothing: labelSmoothing)
  }
  public static func categoricalFocalCrossentropy(
    alpha: Double = 0.25, gamma: Double = 2, fromLogits: Bool = false
  ) -> Loss { CategoricalFocalCrossentropy(alpha: alpha, gamma: gamma, fromLogits: fromLogits) }
  public static var sparseCategoricalCrossentropy: Loss { SparseCategoricalCrossentropy() }
  public static func sparseCategoricalCrossentropy(fromLogits: Bool = false, ignoredClass: Int? = nil) -> Loss
  {
    SparseCategoricalCrossentropy(fromLogits: fromLogits, ignoredClass: ignoredClass)
  }
  public static func categoricalGeneralizedCrossEntropy(q: Double = 0.5) -> Loss {
    CategoricalGeneralizedCrossEntropy(q: q)
  }
  public static func dice(axes: [Int]? = nil) -> Loss { Dice(axes: axes) }
  public static func tversky(alpha: Double = 0.5, beta: Double = 0.5, axes: [Int]? = nil) -> Loss {
    Tversky(alpha: alpha, beta: beta, axes: axes)
  }
  public static var ctc: Loss { CTC() }
  public static func circle(gamma: Double = 80, margin: Double = 0.4) -> Loss {
    Circle(gamma: gamma, margin: margin)
  }
}

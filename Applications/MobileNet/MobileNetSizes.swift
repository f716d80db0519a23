import KerasModels
import KerasWeights

/// MobileNet, in a width and for an image size of choice.
///
/// - Parameters:
///   - inputShape: `[height, width, channels]`; nil for 224 × 224, or without a top for any size.
///   - alpha: multiplies the number of filters of every layer; published are 0.25, 0.5, 0.75 and 1.
///   - depthMultiplier: filters of a depthwise convolution for each channel.
///   - dropout: the rate before the classifier, in training.
///   - includeTop: whether the classifier on top is part of it.
///   - weights: where its weights come from; ImageNet's are fetched when they are not in the cache.
///   - pooling: without a top, what to do with the features.
///   - classes: of the classifier.
///   - classifierActivation: `.linear` gives logits.
///   - name: nil for Keras' name, such as `mobilenet_0.25_128`.
/// - Throws: `invalidArgument` for what architecture or weights cannot take, and what fetching and loading
///   the weights throws.
public func MobileNet(
  inputShape: Shape? = nil, alpha: Double = 1, depthMultiplier: Int = 1, dropout: Double = 1e-3,
  includeTop: Bool = true, weights: PretrainedWeights = .imageNet, pooling: FeaturePooling? = nil,
  classes: Int = 1000, classifierActivation: ActivationFunction = .softmax, name: String? = nil
) throws(KerasError) -> ImageModel {
  var settings = ApplicationSettings()
  settings.inputShape = inputShape
  settings.alpha = alpha
  settings.depthMultiplier = depthMultiplier
  settings.dropout = dropout
  settings.includeTop = includeTop
  settings.weights = weights
  settings.pooling = pooling
  settings.classes = classes
  settings.classifierActivation = classifierActivation
  settings.name = name
  return try ModelCatalog.mobileNet.makeModel(settings)
}

/// MobileNet's published widths and image sizes, and how Keras names them.
enum MobileNetSizes {
  static let applicationName = "MobileNet"
  static let alphas = [0.25, 0.5, 0.75, 1]
  static let rows = [128, 160, 192, 224]

  /// - Throws: `invalidArgument` for sizes nothing can be built of, or that no weights are published for.
  static func check(_ settings: ApplicationSettings) throws(KerasError) {
    guard settings.alpha > 0, settings.alpha <= 64, Int(32 * settings.alpha) > 0,
      (1...64).contains(settings.depthMultiplier)
    else {
      throw KerasError(
        .invalidArgument,
        "Expected alpha above 1/32 and a depth multiplier of at least 1 (each at most 64), found "
          + "\(settings.alpha) and \(settings.depthMultiplier).")
    }
    guard settings.weights == .imageNet else { return }
    guard alphas.contains(settings.alpha) else {
      throw KerasError(
        .invalidArgument, "Weights are published for alpha 0.25, 0.5, 0.75 and 1, found \(settings.alpha).",
        remedy: "use one of those, or weights: .none.")
    }
    guard settings.depthMultiplier == 1 else {
      throw KerasError(
        .invalidArgument, "Weights are published for depth multiplier 1, found \(settings.depthMultiplier).",
        remedy: "use that, or weights: .none.")
    }
  }

  /// The image size the classifier is for: a published one when the input has it, else 224.
  static func defaultSize(_ settings: ApplicationSettings) -> Int {
    guard let shape = settings.inputShape, shape.rank == 3, let height = shape[0], shape[1] == height,
      rows.contains(height)
    else { return 224 }
    return height
  }

  /// `mobilenet_0.25_128`; Keras counts 224 rows when published weights are for another size.
  static func modelName(_ settings: ApplicationSettings, _ shape: Shape) -> String {
    let hundredths = Int((settings.alpha * 100).rounded(.toNearestOrEven))
    let digits = hundredths % 100
    let rows =
      settings.weights == .imageNet ? "\(defaultSize(settings))" : shape[0].map(String.init) ?? "None"
    return "mobilenet_\(hundredths / 100).\(digits < 10 ? "0" : "")\(digits)_\(rows)"
  }
}

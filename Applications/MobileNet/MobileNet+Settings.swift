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
  settings.includeTop = includeTop
  settings.weights = weights
  settings.pooling = pooling
  settings.classes = classes
  settings.classifierActivation = classifierActivation
  settings.name = name
  let family = MobileNetFamily(alpha: alpha, depthMultiplier: depthMultiplier, dropout: dropout)
  return try ModelCatalog.mobileNet.with(family).makeModel(settings)
}

/// What MobileNet has beyond other families: published widths and image sizes, and names that say them.
extension MobileNetFamily {
  private static let publishedAlphas = [0.25, 0.5, 0.75, 1]
  private static let publishedSizes = [128, 160, 192, 224]

  func check(_ settings: ApplicationSettings) throws(KerasError) {
    guard alpha > 0, alpha <= 64, Int(32 * alpha) > 0, (1...64).contains(depthMultiplier) else {
      throw KerasError(
        .invalidArgument,
        "Expected alpha above 1/32 and a depth multiplier of at least 1 (each at most 64), found "
          + "\(alpha) and \(depthMultiplier).")
    }
    guard settings.weights == .imageNet else { return }
    guard Self.publishedAlphas.contains(alpha) else {
      throw KerasError(
        .invalidArgument, "Weights are published for alpha 0.25, 0.5, 0.75 and 1, found \(alpha).",
        remedy: "use one of those, or weights: .none.")
    }
    guard depthMultiplier == 1 else {
      throw KerasError(
        .invalidArgument, "Weights are published for depth multiplier 1, found \(depthMultiplier).",
        remedy: "use that, or weights: .none.")
    }
  }

  /// A published one when the input has it.
  func imageSize(_ settings: ApplicationSettings) -> Int? {
    guard let shape = settings.inputShape, shape.rank == 3, let height = shape[0], shape[1] == height,
      Self.publishedSizes.contains(height)
    else { return nil }
    return height
  }

  /// `mobilenet_0.25_128`; Keras counts 224 rows when published weights are for another size.
  func modelName(_ settings: ApplicationSettings, _ inputShape: Shape) -> String? {
    let hundredths = Int((alpha * 100).rounded(.toNearestOrEven))
    let digits = hundredths % 100
    let rows =
      settings.weights == .imageNet
      ? "\(imageSize(settings) ?? 224)" : inputShape[0].map(String.init) ?? "None"
    return "mobilenet_\(hundredths / 100).\(digits < 10 ? "0" : "")\(digits)_\(rows)"
  }

  func weightVariant(_ settings: ApplicationSettings) -> WeightVariant? {
    WeightVariant(alpha: alpha, rows: imageSize(settings) ?? 224)
  }

  var arguments: [String] { ["alpha", "depth_multiplier", "dropout"] }

  func setting(_ argument: String, to value: JSON) -> (any ApplicationFamily)? {
    var changed = self
    switch (argument, value.number, value.integer) {
    case ("alpha", let number?, _): changed.alpha = number
    case ("depth_multiplier", _, let integer?): changed.depthMultiplier = integer
    case ("dropout", let number?, _): changed.dropout = number
    default: return nil
    }
    return changed
  }
}

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
///   - inputTensor: what the model sees in place of an input of its own.
///   - pooling: without a top, what to do with the features.
///   - classes: of the classifier.
///   - classifierActivation: `.linear` gives logits.
///   - name: nil for Keras' name, such as `mobilenet_0.25_128`.
/// - Throws: `invalidArgument` for what architecture or weights cannot take, and what fetching and loading
///   the weights throws.
public func MobileNet(
  inputShape: Shape? = nil, alpha: Double = 1, depthMultiplier: Int = 1, dropout: Double = 1e-3,
  includeTop: Bool = true, weights: PretrainedWeights = .imageNet, inputTensor: SymbolicTensor? = nil,
  pooling: FeaturePooling? = nil, classes: Int = 1000, classifierActivation: ActivationFunction = .softmax,
  name: String? = nil
) throws(KerasError) -> ImageModel {
  try ModelCatalog.mobileNet.with(
    MobileNetFamily(alpha: alpha, depthMultiplier: depthMultiplier, dropout: dropout))(
      includeTop: includeTop, weights: weights, inputTensor: inputTensor, inputShape: inputShape, pooling: pooling,
      classes: classes, classifierActivation: classifierActivation, name: name)
}

/// MobileNetV2, in a width and for an image size of choice.
///
/// - Parameters: as those of ``MobileNet(inputShape:alpha:depthMultiplier:dropout:includeTop:weights:inputTensor:pooling:classes:classifierActivation:name:)``;
///   published are the widths 0.35, 0.5, 0.75, 1, 1.3 and 1.4, each for 96, 128, 160, 192 and 224 pixels.
/// - Throws: `invalidArgument` for what architecture or weights cannot take, and what fetching and loading
///   the weights throws.
public func MobileNetV2(
  inputShape: Shape? = nil, alpha: Double = 1, includeTop: Bool = true, weights: PretrainedWeights = .imageNet,
  inputTensor: SymbolicTensor? = nil, pooling: FeaturePooling? = nil, classes: Int = 1000,
  classifierActivation: ActivationFunction = .softmax, name: String? = nil
) throws(KerasError) -> ImageModel {
  try ModelCatalog.mobileNetV2.with(MobileNetV2Family(alpha: alpha))(
    includeTop: includeTop, weights: weights, inputTensor: inputTensor, inputShape: inputShape, pooling: pooling,
    classes: classes, classifierActivation: classifierActivation, name: name)
}

/// MobileNetV3, the small one; pictures of any size, also with the classifier.
///
/// - Parameters:
///   - alpha: multiplies the number of filters; published are 0.75 and 1.
///   - minimalistic: without squeeze-and-excitation, swish and 5 × 5 kernels; published at the width 1.
///   - dropoutRate: before the classifier, in training.
///   - includePreprocessing: whether the model itself brings pixels from 0…255 to −1…1.
/// - Throws: `invalidArgument` for what architecture or weights cannot take, and what fetching and loading
///   the weights throws.
public func MobileNetV3Small(
  inputShape: Shape? = nil, alpha: Double = 1, minimalistic: Bool = false, includeTop: Bool = true,
  weights: PretrainedWeights = .imageNet, inputTensor: SymbolicTensor? = nil, classes: Int = 1000,
  pooling: FeaturePooling? = nil, dropoutRate: Double = 0.2, classifierActivation: ActivationFunction = .softmax,
  includePreprocessing: Bool = true, name: String? = nil
) throws(KerasError) -> ImageModel {
  let family = MobileNetV3Family(
    variant: .small, alpha: alpha, isMinimalistic: minimalistic, dropout: dropoutRate,
    includesPreprocessing: includePreprocessing)
  return try ModelCatalog.mobileNetV3Small.with(family)(
    includeTop: includeTop, weights: weights, inputTensor: inputTensor, inputShape: inputShape, pooling: pooling,
    classes: classes, classifierActivation: classifierActivation, name: name)
}

/// MobileNetV3, the large one.
///
/// - Parameters: as those of ``MobileNetV3Small(inputShape:alpha:minimalistic:includeTop:weights:inputTensor:classes:pooling:dropoutRate:classifierActivation:includePreprocessing:name:)``.
/// - Throws: `invalidArgument` for what architecture or weights cannot take, and what fetching and loading
///   the weights throws.
public func MobileNetV3Large(
  inputShape: Shape? = nil, alpha: Double = 1, minimalistic: Bool = false, includeTop: Bool = true,
  weights: PretrainedWeights = .imageNet, inputTensor: SymbolicTensor? = nil, classes: Int = 1000,
  pooling: FeaturePooling? = nil, dropoutRate: Double = 0.2, classifierActivation: ActivationFunction = .softmax,
  includePreprocessing: Bool = true, name: String? = nil
) throws(KerasError) -> ImageModel {
  let family = MobileNetV3Family(
    variant: .large, alpha: alpha, isMinimalistic: minimalistic, dropout: dropoutRate,
    includesPreprocessing: includePreprocessing)
  return try ModelCatalog.mobileNetV3Large.with(family)(
    includeTop: includeTop, weights: weights, inputTensor: inputTensor, inputShape: inputShape, pooling: pooling,
    classes: classes, classifierActivation: classifierActivation, name: name)
}

/// What MobileNets have beyond other families: published widths and image sizes, and names that say them.
extension MobileNetFamily {
  var publishedSizes: [Int] { [128, 160, 192, 224] }

  func check(_ settings: ApplicationSettings) throws(KerasError) {
    guard alpha > 0, alpha <= 64, Int(32 * alpha) > 0, (1...64).contains(depthMultiplier) else {
      throw KerasError(
        .invalidArgument,
        "Expected alpha above 1/32 and a depth multiplier of at least 1 (each at most 64), found "
          + "\(alpha) and \(depthMultiplier).")
    }
    guard settings.weights == .imageNet else { return }
    try requirePublished(alpha, among: [0.25, 0.5, 0.75, 1])
    guard depthMultiplier == 1 else {
      throw KerasError(
        .invalidArgument, "Weights are published for depth multiplier 1, found \(depthMultiplier).",
        remedy: "use that, or weights: .none.")
    }
  }

  func modelName(_ settings: ApplicationSettings, _ inputShape: Shape) -> String? {
    "mobilenet_\(sizedName(alpha, settings, inputShape))"
  }

  func weightVariant(_ settings: ApplicationSettings) -> WeightVariant? {
    WeightVariant(alpha: alpha, rows: imageSize(settings) ?? 224)
  }

  static var ownArguments: [FamilyArgument<Self>] {
    [
      FamilyArgument("alpha", \.alpha), FamilyArgument("depth_multiplier", \.depthMultiplier),
      FamilyArgument("dropout", \.dropout),
    ]
  }
}

extension MobileNetV2Family {
  var publishedSizes: [Int] { [96, 128, 160, 192, 224] }

  func check(_ settings: ApplicationSettings) throws(KerasError) {
    try requireWidth(alpha)
    if settings.weights == .imageNet { try requirePublished(alpha, among: [0.35, 0.5, 0.75, 1, 1.3, 1.4]) }
  }

  func modelName(_ settings: ApplicationSettings, _ inputShape: Shape) -> String? {
    "mobilenetv2_\(sizedName(alpha, settings, inputShape))"
  }

  func weightVariant(_ settings: ApplicationSettings) -> WeightVariant? {
    WeightVariant(alpha: alpha, rows: imageSize(settings) ?? 224)
  }

  static var ownArguments: [FamilyArgument<Self>] { [FamilyArgument("alpha", \.alpha)] }
}

extension MobileNetV3Family {
  func check(_ settings: ApplicationSettings) throws(KerasError) {
    try requireWidth(alpha)
    guard (0...1).contains(dropout) else {
      throw KerasError(.invalidArgument, "Expected a dropout rate in 0…1, found \(dropout).")
    }
    if settings.weights == .imageNet {
      try requirePublished(alpha, among: isMinimalistic ? [1] : [0.75, 1])
    }
  }

  func defaultInputShape(_ settings: ApplicationSettings) -> Shape? { [nil, nil, 3] }

  var classifierTakesAnySize: Bool { true }

  func preprocessing(_ settings: ApplicationSettings) -> PreprocessingMode? {
    includesPreprocessing ? nil : .tf
  }

  func weightVariant(_ settings: ApplicationSettings) -> WeightVariant? {
    WeightVariant(alpha: alpha, isMinimalistic: isMinimalistic)
  }

  static var ownArguments: [FamilyArgument<Self>] {
    [
      FamilyArgument("alpha", \.alpha), FamilyArgument("minimalistic", \.isMinimalistic),
      FamilyArgument("dropout_rate", \.dropout), .includePreprocessing(\.includesPreprocessing),
    ]
  }
}

extension ApplicationFamily {
  /// `0.25_128`; Keras counts 224 rows when published weights are for another size.
  fileprivate func sizedName(
    _ alpha: Double, _ settings: ApplicationSettings, _ inputShape: Shape
  ) -> String {
    let hundredths = Int((alpha * 100).rounded(.toNearestOrEven))
    let digits = hundredths % 100
    let rows =
      settings.weights == .imageNet
      ? "\(imageSize(settings) ?? 224)" : inputShape[0].map(String.init) ?? "None"
    return "\(hundredths / 100).\(digits < 10 ? "0" : "")\(digits)_\(rows)"
  }
}

/// - Throws: `invalidArgument` for a width that makes no model.
private func requireWidth(_ alpha: Double) throws(KerasError) {
  guard alpha > 0, alpha <= 64 else {
    throw KerasError(.invalidArgument, "Expected alpha above 0 and at most 64, found \(alpha).")
  }
}

/// - Throws: `invalidArgument` for a width that no weights are published for.
private func requirePublished(_ alpha: Double, among widths: [Double]) throws(KerasError) {
  guard !widths.contains(alpha) else { return }
  let words = widths.map { $0 == 1 ? "1" : "\($0)" }
  throw KerasError(
    .invalidArgument,
    "Weights are published for alpha "
      + (words.count > 1 ? words.dropLast().joined(separator: ", ") + " and \(words[words.count - 1])" : words[0])
      + ", found \(alpha).",
    remedy: "use \(words.count > 1 ? "one of those" : "that"), or weights: .none.")
}

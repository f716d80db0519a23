import KerasModels
import KerasStore
import KerasWeights

/// One model of the zoo: a row of the catalogue, and the function that makes it.
///
/// ```swift
/// let model = try ResNet50()
/// let features = try VGG16(includeTop: false, pooling: .average)
/// ```
///
/// Everything the command, the documentation and the tests say about a model comes from its row.
public struct Application: Sendable {
  /// As Keras spells the function: `ResNet50V2`.
  public let name: String
  /// As the command spells it, and what the Keras model calls itself: `resnet50v2`.
  public let identifier: String
  /// Height and width of the images the weights were trained on, in pixels.
  public let imageSize: Int
  /// The smallest height or width the architecture takes.
  public let minimumSize: Int
  /// How pixels become the numbers the weights expect.
  public let preprocessing: PreprocessingMode
  /// Weights and statistics, with the classifier.
  public let parameterCount: Int
  /// Channels of the features behind the classifier.
  public let featureCount: Int
  /// Percent of ImageNet's validation images, as the Keras documentation states it.
  public let publishedAccuracy: PublishedAccuracy
  /// The paper that describes it.
  public let paper: String
  let network: @Sendable (SymbolicTensor, ApplicationSettings) -> SymbolicTensor

  public struct PublishedAccuracy: Hashable, Sendable {
    public let top1: Double
    public let top5: Double
  }

  /// Makes the model.
  ///
  /// - Parameters:
  ///   - includeTop: whether the classifier on top is part of it.
  ///   - weights: where its weights come from; ImageNet's are fetched when they are not in the cache.
  ///   - inputShape: `[height, width, channels]`; nil for ``imageSize``, or without a top for any size.
  ///   - pooling: without a top, what to do with the features.
  ///   - classes: of the classifier.
  ///   - classifierActivation: `.linear` gives logits.
  ///   - name: nil for Keras' name.
  /// - Throws: `invalidArgument` for shapes or classes that architecture or weights cannot take, and what
  ///   fetching and loading the weights throws.
  public func callAsFunction(
    includeTop: Bool = true, weights: PretrainedWeights = .imageNet, inputShape: Shape? = nil,
    pooling: FeaturePooling? = nil, classes: Int = 1000, classifierActivation: ActivationFunction = .softmax,
    name: String? = nil
  ) throws(KerasError) -> ImageModel {
    var settings = ApplicationSettings()
    settings.includeTop = includeTop
    settings.weights = weights
    settings.inputShape = inputShape
    settings.pooling = pooling
    settings.classes = classes
    settings.classifierActivation = classifierActivation
    settings.name = name
    return try makeModel(settings)
  }

  /// Makes the model from settings gathered elsewhere, such as a command line.
  ///
  /// - Parameter store: where published weights are kept and fetched to.
  public func makeModel(
    _ settings: ApplicationSettings, store: WeightStore = WeightStore()
  ) throws(KerasError) -> ImageModel {
    try within(identifier) { () throws(KerasError) in
      let isMobileNet = self.name == MobileNetSizes.applicationName
      if isMobileNet { try MobileNetSizes.check(settings) }
      let shape = try settings.checkedInputShape(
        defaultSize: isMobileNet ? MobileNetSizes.defaultSize(settings) : imageSize, minimumSize: minimumSize)
      let image = Input(shape: shape)
      // The published architectures are written for channels that come last.
      let features = Session.withImageDataFormat(.channelsLast) { network(image, settings) }
      let model = try ImageModel(
        application: self, settings: settings, input: image, output: features,
        name: settings.name ?? (isMobileNet ? MobileNetSizes.modelName(settings, shape) : identifier))
      switch settings.weights {
      case .none: break
      case .file(let path): try model.loadWeights(from: path)
      case .imageNet: try model.loadWeights(from: store.path(for: try weightFile(for: settings)))
      }
      return model
    }
  }

  /// The published file that fits the settings.
  ///
  /// - Throws: `unknownName` when nothing is published for them.
  public func weightFile(for settings: ApplicationSettings) throws(KerasError) -> WeightFile {
    guard name == MobileNetSizes.applicationName else {
      return try WeightCatalog.file(for: name, includesTop: settings.includeTop)
    }
    return try WeightCatalog.file(
      for: name, includesTop: settings.includeTop, alpha: settings.alpha,
      rows: MobileNetSizes.defaultSize(settings))
  }
}

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
  /// Draws it, with the settings that only its family has.
  let family: any ApplicationFamily

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
      try family.check(settings)
      let shape = try settings.checkedInputShape(
        defaultSize: family.imageSize(settings) ?? imageSize, minimumSize: minimumSize)
      let image = Input(shape: shape)
      // The published architectures are written for channels that come last.
      let output = Session.withImageDataFormat(.channelsLast) { family.network(image, settings) }
      let model = try ImageModel(
        self, settings, input: image, output: output,
        name: settings.name ?? family.modelName(settings, shape) ?? identifier)
      switch settings.weights {
      case .none: break
      case .file(let path): try load(path, into: model, settings)
      case .imageNet: try model.loadWeights(from: store.path(for: try weightFile(for: settings)))
      }
      return model
    }
  }

  /// Takes the weights of any file; a classifier in it may be left out.
  private func load(
    _ path: String, into model: ImageModel, _ settings: ApplicationSettings
  ) throws(KerasError) {
    do {
      if settings.includeTop {
        try model.loadWeights(from: path)
      } else {
        try model.loadFeatureWeights(from: path)
      }
    } catch {
      guard error.kind == .weightsMismatch, let fitting = FittingApplication(for: path, asked: self) else {
        throw error
      }
      var error = error
      error.remedy = fitting.remedy(for: settings)
      throw error
    }
  }

  /// The published file that fits the settings.
  ///
  /// - Throws: `invalidArgument` when nothing is published for them.
  public func weightFile(for settings: ApplicationSettings) throws(KerasError) -> WeightFile {
    let variant = family.weightVariant(settings)
    return try WeightCatalog.file(
      for: name, includesTop: settings.includeTop, alpha: variant?.alpha, rows: variant?.rows)
  }

  /// Keras' names of the arguments that only this model's family has, such as `alpha`.
  public var familyArguments: [String] { family.arguments }

  /// The same application with one of its family's own arguments set.
  ///
  /// ```swift
  /// let narrow = try ModelCatalog.application(named: "mobilenet").setting("alpha", to: 0.25)
  /// ```
  ///
  /// - Parameter argument: as Keras spells it.
  /// - Throws: `invalidArgument` for an argument the family does not have, or a value of the wrong type; numbers out
  ///   of range are found when the model is made.
  public func setting(_ argument: String, to value: JSON) throws(KerasError) -> Application {
    guard let changed = family.setting(argument, to: value) else {
      let isKnown = family.arguments.contains(argument)
      throw KerasError(
        .invalidArgument,
        isKnown
          ? "The argument \(argument) of \(identifier) cannot be \(value.text())."
          : "\(identifier) has no argument \(argument).")
    }
    return with(changed)
  }

  func with(_ family: any ApplicationFamily) -> Application {
    Application(
      name: name, identifier: identifier, imageSize: imageSize, minimumSize: minimumSize,
      preprocessing: preprocessing, parameterCount: parameterCount, featureCount: featureCount,
      publishedAccuracy: publishedAccuracy, paper: paper, family: family)
  }
}

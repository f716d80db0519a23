import KerasModels
import KerasPreprocessing
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
  /// As the command spells it: the name in small letters, `resnet50v2`.
  public var identifier: String { name.lowercased() }
  /// What Keras calls the model where its settings say nothing else: `efficientnetv2-b0`.
  let modelName: String
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
  /// Percent of ImageNet's validation images, as the Keras documentation (or where it says nothing, the paper)
  /// states it; nil where nobody does.
  public let publishedAccuracy: PublishedAccuracy?
  /// What its published weights tell apart.
  public let classes: PublishedClasses
  /// How pictures come to the size that the weights were trained on, where nobody says it.
  public let resizing: ResizingPreset
  /// The paper that describes it.
  public let paper: String
  /// Draws it, with the settings that only its family has.
  private(set) var family: any ApplicationFamily

  public struct PublishedAccuracy: Hashable, Sendable {
    public let top1: Double
    /// Nil where only the first guess was counted.
    public let top5: Double?
  }

  /// Which classes published classifiers know.
  public enum PublishedClasses: Sendable {
    case imageNet, cifar10

    public var count: Int { self == .imageNet ? 1000 : 10 }
    public var labels: ClassLabels { self == .imageNet ? .imageNet : .cifar10 }
  }

  init(
    _ name: String, modelName: String? = nil, size: Int, minimumSize: Int = 32,
    preprocessing: PreprocessingMode = .none, parameters: Int, features: Int, accuracy: (Double, Double?)?,
    paper: String, classes: PublishedClasses = .imageNet, resizing: ResizingPreset = .kerasExample,
    _ family: any ApplicationFamily
  ) {
    self.name = name
    self.modelName = modelName ?? name.lowercased()
    (imageSize, self.minimumSize) = (size, minimumSize)
    self.preprocessing = preprocessing
    (parameterCount, featureCount) = (parameters, features)
    publishedAccuracy = accuracy.map { PublishedAccuracy(top1: $0.0, top5: $0.1) }
    self.paper = paper
    self.classes = classes
    self.resizing = resizing
    self.family = family
  }

  /// Makes the model.
  ///
  /// - Parameters:
  ///   - includeTop: whether the classifier on top is part of it.
  ///   - weights: where its weights come from; ImageNet's are fetched when they are not in the cache.
  ///   - inputTensor: what the model sees: another model's output, or a layer's; its inputs are then what that
  ///     depends on.
  ///   - inputShape: `[height, width, channels]`; nil for ``imageSize``, or without a top for any size.
  ///   - pooling: without a top, what to do with the features.
  ///   - classes: of the classifier; nil for as many as the published one knows.
  ///   - classifierActivation: `.linear` gives logits.
  ///   - includePreprocessing: of models that take pixels of 0…255: whether they bring them into range themselves. nil
  ///     for their default, which is true; others have no such argument.
  ///   - name: nil for Keras' name.
  /// - Throws: `invalidArgument` for shapes or classes that architecture or weights cannot take, and what
  ///   fetching and loading the weights throws.
  public func callAsFunction(
    includeTop: Bool = true, weights: PretrainedWeights = .imageNet, inputTensor: SymbolicTensor? = nil,
    inputShape: Shape? = nil, pooling: FeaturePooling? = nil, classes: Int? = nil,
    classifierActivation: ActivationFunction = .softmax, includePreprocessing: Bool? = nil, name: String? = nil
  ) throws(KerasError) -> ImageModel {
    var settings = ApplicationSettings()
    settings.includeTop = includeTop
    settings.weights = weights
    settings.inputTensor = inputTensor
    settings.inputShape = inputShape
    settings.pooling = pooling
    settings.classes = classes
    settings.classifierActivation = classifierActivation
    settings.name = name
    let application = try includePreprocessing.map { (value) throws(KerasError) in
      try setting("include_preprocessing", to: .bool(value))
    }
    return try (application ?? self).makeModel(settings)
  }

  /// Makes the model from settings gathered elsewhere, such as a command line.
  ///
  /// - Parameter store: where published weights are kept and fetched to.
  public func makeModel(
    _ settings: ApplicationSettings, store: WeightStore = WeightStore()
  ) throws(KerasError) -> ImageModel {
    var settings = settings
    settings.classes = settings.classes ?? classes.count
    return try within(identifier) { [settings] () throws(KerasError) in
      try family.check(settings)
      let shape = try settings.checkedInputShape(
        defaultSize: family.imageSize(settings) ?? imageSize, minimumSize: minimumSize,
        default: family.defaultInputShape(settings), classifierTakesAnySize: family.classifierTakesAnySize,
        publishedClasses: classes.count)
      let image = settings.inputTensor ?? Input(shape: shape, name: family.inputName)
      // The published architectures are written for channels that come last.
      let output = Session.withImageDataFormat(.channelsLast) { family.network(image, settings) }
      let model = try ImageModel(
        self, settings, inputs: settings.inputTensor.map(sources) ?? [image], output: output,
        name: settings.name ?? family.modelName(settings, shape) ?? modelName)
      switch settings.weights {
      case .none: break
      case .file(let path): try load(path, into: model, settings)
      case .imageNet: try load(store.path(for: try weightFile(for: settings)), into: model, settings)
      }
      return model
    }
  }

  /// Takes the weights of any file; a classifier in it may be left out.
  private func load(
    _ path: String, into model: ImageModel, _ settings: ApplicationSettings
  ) throws(KerasError) {
    do {
      try model.loadWeights(from: path, passingOverHead: !settings.includeTop, converting: family.converted)
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
    try WeightCatalog.file(
      for: name, includesTop: settings.includeTop, variant: family.weightVariant(settings))
  }

  /// Heights (and widths) of pictures that weights are published for.
  public var publishedSizes: [Int] { family.publishedSizes.isEmpty ? [imageSize] : family.publishedSizes }

  /// Whether the classifier, too, takes pictures of any size.
  public var classifierTakesAnySize: Bool { family.classifierTakesAnySize }

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
    var application = self
    application.family = family
    return application
  }
}

/// The inputs that a tensor of a model under construction depends on, in the order they are met.
private func sources(of tensor: SymbolicTensor) -> [SymbolicTensor] {
  guard let origin = tensor.origin, !origin.inputs.isEmpty else { return [tensor] }
  var found: [SymbolicTensor] = []
  for source in origin.inputs.flatMap(sources) where !found.contains(source) { found.append(source) }
  return found
}

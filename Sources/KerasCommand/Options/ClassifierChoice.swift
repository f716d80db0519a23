import ArgumentParser
import Keras

/// Which model of pictures: the words of every subcommand that takes one.
struct ModelSource: ParsableArguments {
  @Option(
    name: .customLong("model"),
    help: ArgumentHelp(
      "A model that `keras models` lists, or a file that holds one: .keras, .h5, or .json with --weights. "
        + "(default: mobilenet)",
      valueName: "name or file"),
    completion: .modelsAndFiles)
  var namedModel: String?

  var model: String { namedModel ?? Self.usual }

  /// What is taken where none is named.
  static let usual = "mobilenet"

  @OptionGroup var settings: ModelSettings

  var weights: String? { settings.weights }
  var preprocessing: PreprocessingMode? { settings.preprocessing }
  var variant: VariantOptions { settings.variant }
  var offline: Bool { settings.offline }
}

/// What goes with a model, however it is named.
struct ModelSettings: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file of weights instead of the published ones, or `none` for random ones.", valueName: "file"),
    completion: .file())
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "For a model in a file that does not say it: what it takes for pixels of 0…255. tf: −1…1; unit: 0…1; none: as "
        + "they are; caffe and torch: less the means of ImageNet's colours.",
      valueName: "mode"))
  var preprocessing: PreprocessingMode?

  @OptionGroup var variant: VariantOptions

  @Flag(help: "Never use the network; say where a missing file belongs.")
  var offline = false
}

/// How many classes its classifier knows, and what they are called.
struct ClassOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of classes of a classifier of your own.", valueName: "count"))
  var classes: Int?

  @Option(
    help: ArgumentHelp(
      "The names of the classes, one a line, or in JSON or CSV; by default the file's own, or ImageNet's.",
      valueName: "file"),
    completion: .file())
  var labels: String?
}

/// A classifier of pictures as a command line describes it: a model of the catalogue, or any file that holds one.
struct ClassifierChoice {
  private let name: String
  private let source: ModelSettings
  private let classNames: ClassOptions?
  /// Whether a model of the catalogue has its classifier.
  var includesTop = true
  /// Without it, what that model does with its features.
  var pooling: FeaturePooling?

  init(_ source: ModelSource, _ classNames: ClassOptions? = nil) {
    self.init(source.model, source.settings, classNames)
  }

  /// - Parameter name: of a model, or of a file.
  init(_ name: String, _ settings: ModelSettings, _ classNames: ClassOptions? = nil) {
    (self.name, source, self.classNames) = (name, settings, classNames)
  }

  /// A path, `none`, or nil for the published weights or the file's own.
  private var weights: String? { source.weights }
  private var classes: Int? { classNames?.classes }
  /// The path of a file of names.
  private var labels: String? { classNames?.labels }
  private var preprocessing: PreprocessingMode? { source.preprocessing }
  private var variant: VariantOptions { source.variant }

  /// The model, and where its weights come from, for people.
  ///
  /// - Throws: what finding, reading and fetching throw; `invalidArgument` for options that do not go together, for
  ///   a model without a classifier, and for names of another number than there are classes.
  func classifier(store: WeightStore) throws(KerasError) -> (model: ImageModel, weights: String) {
    let names = try labels.map { path throws(KerasError) in try ClassLabels(contentsOf: path) }
    let (model, weights) = try model(names, store)
    guard let count = model.classCount else { throw noClassifier(model) }
    if let names {
      guard names.count == count else { throw wrongCount(names, count) }
      model.labels = names
    }
    return (model, weights)
  }

  /// The same of any model of pictures.
  func pictureModel(store: WeightStore) throws(KerasError) -> (model: ImageModel, weights: String) {
    try model(nil, store)
  }

  private func model(
    _ names: ClassLabels?, _ store: WeightStore
  ) throws(KerasError) -> (ImageModel, String) {
    let subject = try ModelSubject(name)
    return switch subject {
    case .application(let row): try published(row, names, store)
    case .file(let path): try stored(path, subject)
    }
  }

  private func published(
    _ row: Application, _ names: ClassLabels?, _ store: WeightStore
  ) throws(KerasError) -> (ImageModel, String) {
    if preprocessing != nil {
      throw KerasError(
        .invalidArgument, "--preprocessing is for models in files; \(row.identifier) has its own.",
        remedy: "leave --preprocessing out.")
    }
    let published = row.classes.count
    if weights == nil, classes == nil, let names, names.count != published {
      throw wrongCount(names, published)
    }
    var choice = ApplicationChoice(
      application: row, weights: weights, variant: variant, classes: classes ?? names?.count,
      includesTop: includesTop, pooling: pooling)
    if let weights, weights != "none", classes == nil, let names {
      // A file of weights knows best how many classes it has.
      let stored = try? FileInspection(path: weights).classCount
      if let stored, stored != names.count {
        choice.classes = stored
        // Where the rest fits, too, it is the names that are wrong.
        let (application, settings) = try choice.settings()
        if (try? application.makeModel(settings, store: store)) != nil { throw wrongCount(names, stored) }
        choice.classes = names.count
      }
    }
    let (application, settings) = try choice.settings()
    let model = try application.makeModel(settings, store: store)
    switch settings.weights {
    case .none: return (model, "random")
    case .file(let path): return (model, path)
    case .imageNet: return (model, try store.path(for: application.weightFile(for: settings)))
    }
  }

  private func stored(_ path: String, _ subject: ModelSubject) throws(KerasError) -> (ImageModel, String) {
    try subject.requireApplication(for: [
      ("--alpha", variant.alpha != nil), ("--set", !variant.arguments.isEmpty), ("--classes", classes != nil),
    ])
    let network = try Model.load(from: path, weights: weights)
    let side = try variant.side()
    let size = side.map { ImageSize(side: $0) }
    let model =
      if let preprocessing {
        try ImageModel(network, preprocessing: preprocessing, imageSize: size)
      } else {
        try ImageModel(network, imageSize: size)
      }
    return (model, weights ?? path)
  }

  // MARK: Wording

  private func wrongCount(_ names: ClassLabels, _ classes: Int) -> KerasError {
    KerasError(
      .invalidArgument,
      "\(labels ?? "The file") names \(counted(names.count, "class", "classes")); the classifier knows \(classes).",
      remedy: weights == nil
        ? "name its model in a file with --model, or its weights with --weights."
        : "use the names it was trained with.")
  }

  private func noClassifier(_ model: ImageModel) -> KerasError {
    KerasError(
      .invalidArgument, "The model ends in no classifier: its output has shape \(model.output.shape).",
      path: [model.name])
  }
}

extension Model {
  /// The model in a file.
  ///
  /// - Parameter weights: a file of other weights than its own.
  /// - Throws: `invalidArgument` for an architecture alone without weights, and for `none`.
  static func load(from path: String, weights: String?) throws(KerasError) -> Model {
    let network = try load(from: path)
    if let weights {
      guard weights != "none" else {
        throw KerasError(
          .invalidArgument, "--weights none is for the models that `keras models` lists; \(path) is a file.")
      }
      try requireFileOfWeights(weights)
      try network.loadWeights(from: weights)
    } else if try FileKind(path: path) == .json {
      throw KerasError(
        .invalidArgument, "\(path) describes a model without its weights.",
        remedy: "name them with --weights.")
    }
    return network
  }
}

extension FileInspection {
  /// The length of the last weight in the layout that keeps the model's order.
  fileprivate var classCount: Int? {
    guard kind == .legacyWeights || kind == .legacyModel else { return nil }
    return layers.last { !$0.weights.isEmpty }?.weights.last?.shape.last
  }
}

import Keras

/// A classifier of pictures as a command line describes it: a model of the catalogue, or any file that holds one.
struct ClassifierChoice {
  var model: String
  /// A path, `none`, or nil for the published weights or the file's own.
  var weights: String?
  var classes: Int?
  /// The path of a file of names.
  var labels: String?
  var preprocessing: PreprocessingMode?
  var variant: VariantOptions
  /// Whether a model of the catalogue has its classifier.
  var includesTop = true

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
    let subject = try ModelSubject(model)
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
    if weights == nil, classes == nil, let names, names.count != 1000 { throw wrongCount(names, 1000) }
    var choice = ApplicationChoice(
      application: row, weights: weights, variant: variant, classes: classes ?? names?.count,
      includesTop: includesTop)
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
    try subject.requireApplication(for: [("--alpha", variant.alpha != nil), ("--set", !variant.arguments.isEmpty), ("--classes", classes != nil)])
    let network = try Model.load(from: path)
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

extension FileInspection {
  /// The length of the last weight in the layout that keeps the model's order.
  fileprivate var classCount: Int? {
    guard kind == .legacyWeights || kind == .legacyModel else { return nil }
    return layers.last { !$0.weights.isEmpty }?.weights.last?.shape.last
  }
}

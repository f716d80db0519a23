import KerasModels
import KerasPreprocessing
import KerasWeights

/// A classifier, or a maker of features, of pictures: a ``Model`` that knows which pictures it takes and what its
/// classes are called.
///
/// ```swift
/// let model = try ResNet50()
/// for guess in try model.classify(Image(contentsOf: "elephant.jpg"), top: 3) {
///   print(guess.label, guess.probability)
/// }
/// ```
/// Saved, it keeps what it knows; ``init(contentsOf:labels:imageSize:resizing:)`` reads such files, and those of
/// any other model once it has been told.
public final class ImageModel: Model, @unchecked Sendable {
  /// The row of the catalogue it was made from; nil for one made of another model or file.
  public let application: Application?
  /// How many classes the output tells apart; nil for a model that gives features.
  public let classCount: Int?
  /// The names of the classes, in the order of the outputs; nil without a classifier or where nobody has
  /// named them.
  public var labels: ClassLabels? { didSet { supplement = facts.json } }
  /// What turns pixels of 0…255 into the model's input.
  public let preprocessing: PreprocessingMode
  /// The size pictures are brought to: the input's, or where the model takes any, that of the published weights or
  /// what it was told.
  public let imageSize: ImageSize
  /// How pictures of another size come to it, where nobody says it; Keras' way unless a file or the catalogue says other.
  public let resizing: ResizingPreset
  let extractors = FeatureExtractors()
  let gradientMaps = GradientMaps()

  init(
    _ application: Application, _ settings: ApplicationSettings, inputs: [SymbolicTensor],
    output: SymbolicTensor, name: String
  ) throws(KerasError) {
    self.application = application
    preprocessing = application.family.preprocessing(settings) ?? application.preprocessing
    classCount = settings.includeTop ? settings.classCount : nil
    labels = classCount == application.classes.count ? application.classes.labels : nil
    resizing = application.resizing
    // What stands before an application may take something else than pictures.
    let shape: Shape = inputs[0].shape.rank == 4 ? inputs[0].shape : [nil, nil, nil, nil]
    imageSize = ImageSize(height: shape[1] ?? application.imageSize, width: shape[2] ?? application.imageSize)
    try super.init(inputs: inputs, outputs: [output], name: name)
    supplement = facts.json
  }

  /// A model that shares the layers of another.
  init(_ model: Model, _ facts: ImageModelFacts) throws(KerasError) {
    application = nil
    preprocessing = facts.preprocessing
    classCount = facts.classCount
    labels = facts.labels
    imageSize = facts.imageSize
    resizing = facts.resizing
    try super.init(inputs: model.inputs, outputs: model.outputs, name: model.name)
    trainingState = model.trainingState
    supplement = facts.json
  }

  private var facts: ImageModelFacts {
    ImageModelFacts(
      preprocessing: preprocessing, classCount: classCount, labels: labels, imageSize: imageSize,
      resizing: resizing)
  }

  /// The model's input for some pictures, `[count, height, width, 3]`.
  ///
  /// - Parameter interpolation: a filter to squash pictures of another size with; nil for ``resizing``.
  /// - Throws: `shapeMismatch` when the model takes other than three channels, or one that its preprocessing can
  ///   treat alone: pictures are then taken as grey ones.
  public func preprocess(
    _ images: [Image], interpolation: Interpolation? = nil
  ) throws(KerasError) -> Tensor {
    guard let channels = input.shape[3], channels == 3 || channels == 1 && preprocessing.treatsChannelsAlike
    else {
      throw KerasError(
        .shapeMismatch, "Pictures have 3 channels; the model takes \(input.shape).", path: [name])
    }
    let size = imageSize
    let valuesPerImage = size.height * size.width * channels
    return try Tensor(uninitialized: [images.count, size.height, size.width, channels], Float.self) {
      (batch) throws(KerasError) in
      for (index, image) in images.enumerated() {
        let image = channels == 1 || image.mode == .grayscale16 ? image.grayscale() : image
        let fitting = try fitted(image, interpolation)
        let slice = batch[index * valuesPerImage..<(index + 1) * valuesPerImage]
        fitting.write(into: UnsafeMutableBufferPointer(rebasing: slice), mode: preprocessing)
      }
    }
  }

  /// A picture at the model's size.
  func fitted(_ image: Image, _ interpolation: Interpolation?) throws(KerasError) -> Image {
    if image.size == imageSize { return image }
    if let interpolation { return try image.resized(to: imageSize, using: interpolation) }
    return try image.resized(to: imageSize, preset: resizing)
  }

  /// The model's input for pixels of 0…255 that are already in a tensor, as Keras' `preprocess_input`.
  ///
  /// Warns when the values do not look like pixels.
  public func preprocess(_ pixels: Tensor) throws(KerasError) -> Tensor {
    if let warning = preprocessing.rangeWarning(for: pixels) { Warnings.report(warning) }
    return try preprocessing(pixels)
  }

  /// The likeliest classes of one picture, likeliest first.
  public func classify(
    _ image: Image, top: Int = 5, interpolation: Interpolation? = nil,
    options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> [Classification] {
    try classify([image], top: top, interpolation: interpolation, options: options)[0]
  }

  /// The likeliest classes of several pictures, computed together.
  public func classify(
    _ images: [Image], top: Int = 5, interpolation: Interpolation? = nil,
    options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> [[Classification]] {
    guard !images.isEmpty else { return [] }
    let input = try preprocess(images, interpolation: interpolation)
    return try decodePredictions(predict(input, batchSize: images.count, options: options), top: top)
  }

  /// The likeliest classes in each row of the model's output, likeliest first, as Keras' `decode_predictions`.
  ///
  /// Equal scores come in falling order of the class index.
  ///
  /// - Parameter predictions: `[count, classes]`.
  /// - Throws: `shapeMismatch` for another shape, `invalidArgument` for a model without a classifier.
  public func decodePredictions(_ predictions: Tensor, top: Int = 5) throws(KerasError) -> [[Classification]]
  {
    let classCount = try requiredClassCount()
    // One sigmoid tells two classes apart: its number is the probability of the second.
    let width = isBinary ? 1 : classCount
    guard predictions.rank == 2, predictions.shape[1] == width else {
      throw KerasError(
        .shapeMismatch, "Expected predictions of shape [count, \(width)], found \(predictions.shape).",
        path: [name])
    }
    guard top > 0 else {
      throw KerasError(.invalidArgument, "Expected at least one class to name, found top \(top).")
    }
    let scores = classScores(predictions)
    return (0..<predictions.shape[0]).map { row in
      let row = scores[row * classCount..<(row + 1) * classCount]
      let ranked = row.indices.sorted { (row[$0], $0) > (row[$1], $1) }
      return ranked.prefix(top).map { classification($0 - row.startIndex, row[$0]) }
    }
  }

  /// - Throws: `invalidArgument` for a model without a classifier.
  func requiredClassCount() throws(KerasError) -> Int {
    if let classCount { return classCount }
    throw KerasError(
      .invalidArgument, "The model has no classifier, so its output names no classes.", path: [name],
      remedy: "make it with includeTop: true.")
  }

  /// The scores of all classes, row by row.
  func classScores(_ predictions: Tensor) -> [Float] {
    let numbers: [Float] = predictions.scalars()
    return isBinary ? numbers.flatMap { [1 - $0, $0] } : numbers
  }

  /// A class by its index, with what people call it.
  func classification(_ index: Int, _ score: Float) -> Classification {
    let label = labels.flatMap { $0.indices.contains(index) ? $0[index] : nil }
    return Classification(
      index: index, id: label?.id ?? "\(index)", label: label?.name ?? "class \(index)", probability: score)
  }

  /// Says so when an input does not look preprocessed; a sample of the first picture is looked at.
  public override func inputWarning(for inputs: [Tensor]) -> String? {
    guard let largest = preprocessing.largestValue, let first = inputs.first, first.dataType == .float32,
      let values = try? first.rows(0..<min(1, first.shape[0]))
    else { return nil }
    let found = values.withUnsafeScalars(of: Float.self) { values in
      stride(from: 0, to: values.count, by: 13).reduce(-Float.infinity) { max($0, values[$1]) }
    }
    guard found > largest + 1 else { return nil }
    return "The input of \(name) has values up to \(found), but preprocessed pictures stay below \(largest): "
      + "it looks like raw pixels. Pass it through preprocess(_:) first."
  }
}

extension PreprocessingMode {
  /// The greatest number a pixel can become; nil where pixels stay as they are.
  fileprivate var largestValue: Float? {
    switch self {
    case .caffe: 255 - 103.939
    case .tf: 1
    case .torch: (1 - 0.406) / 0.225
    case .unit: 1
    case .none: nil
    }
  }
}

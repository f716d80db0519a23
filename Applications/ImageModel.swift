import KerasModels
import KerasPreprocessing
import KerasWeights

/// A model of the zoo: a ``Model`` that knows which pictures it takes and what its classes are called.
///
/// ```swift
/// let model = try ResNet50()
/// for guess in try model.classify(Image(contentsOf: "elephant.jpg"), top: 3) {
///   print(guess.label, guess.probability)
/// }
/// ```
public final class ImageModel: Model, @unchecked Sendable {
  public let application: Application
  public let settings: ApplicationSettings
  /// The names of the classes, in the order of the outputs; nil without a classifier or where nobody has
  /// named them.
  public var labels: ClassLabels?
  /// What turns pixels of 0…255 into the model's input.
  public let preprocessing: PreprocessingMode

  init(
    application: Application, settings: ApplicationSettings, input: SymbolicTensor, output: SymbolicTensor,
    name: String
  ) throws(KerasError) {
    self.application = application
    self.settings = settings
    preprocessing = application.preprocessing
    labels = settings.includeTop && settings.classes == ClassLabels.imageNet.count ? .imageNet : nil
    try super.init(inputs: [input], outputs: [output], name: name)
  }

  /// The size pictures are brought to: the input's, or the published weights' where the model takes any.
  public var imageSize: ImageSize {
    ImageSize(
      height: input.shape[1] ?? application.imageSize, width: input.shape[2] ?? application.imageSize)
  }

  /// The model's input for some pictures, `[count, height, width, 3]`.
  ///
  /// - Parameter interpolation: how pictures of another size are resized; nearest is Keras' default.
  /// - Throws: `shapeMismatch` when the model does not take three channels.
  public func preprocess(
    _ images: [Image], interpolation: Interpolation = .nearest
  ) throws(KerasError) -> Tensor {
    guard input.shape[3] == 3 else {
      throw KerasError(
        .shapeMismatch, "Pictures have 3 channels; the model takes \(input.shape).", path: [name])
    }
    let size = imageSize
    let valuesPerImage = size.height * size.width * 3
    return try Tensor(uninitialized: [images.count, size.height, size.width, 3], Float.self) {
      (batch) throws(KerasError) in
      for (index, image) in images.enumerated() {
        let fitting = image.size == size ? image : try image.resized(to: size, using: interpolation)
        let slice = batch[index * valuesPerImage..<(index + 1) * valuesPerImage]
        fitting.write(into: UnsafeMutableBufferPointer(rebasing: slice), mode: preprocessing)
      }
    }
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
    _ image: Image, top: Int = 5, interpolation: Interpolation = .nearest,
    options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> [Classification] {
    try classify([image], top: top, interpolation: interpolation, options: options)[0]
  }

  /// The likeliest classes of several pictures, computed together.
  public func classify(
    _ images: [Image], top: Int = 5, interpolation: Interpolation = .nearest,
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
    guard settings.includeTop else {
      throw KerasError(
        .invalidArgument, "The model has no classifier, so its output names no classes.", path: [name],
        remedy: "make it with includeTop: true.")
    }
    guard predictions.rank == 2, predictions.shape[1] == settings.classes else {
      throw KerasError(
        .shapeMismatch,
        "Expected predictions of shape [count, \(settings.classes)], found \(predictions.shape).",
        path: [name])
    }
    guard top > 0 else {
      throw KerasError(.invalidArgument, "Expected at least one class to name, found top \(top).")
    }
    let scores: [Float] = predictions.scalars()
    return (0..<predictions.shape[0]).map { row in
      let row = scores[row * settings.classes..<(row + 1) * settings.classes]
      let ranked = row.indices.sorted { (row[$0], $0) > (row[$1], $1) }
      return ranked.prefix(top).map { position in
        let index = position - row.startIndex
        let label = labels.flatMap { $0.indices.contains(index) ? $0[index] : nil }
        return Classification(
          index: index, id: label?.id ?? "\(index)", label: label?.name ?? "class \(index)",
          probability: row[position])
      }
    }
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

/// One guess at what is in a picture.
public struct Classification: Hashable, Sendable {
  /// The position among the model's outputs.
  public let index: Int
  /// The WordNet identifier, `n02504458`. Labels are not unique; this and ``index`` are.
  public let id: String
  /// `African_elephant`.
  public let label: String
  /// The model's output for the class: its probability, or its logit where the classifier has no softmax.
  public let probability: Float
}

extension PreprocessingMode {
  /// The greatest number a pixel can become; nil where pixels stay as they are.
  fileprivate var largestValue: Float? {
    switch self {
    case .caffe: 255 - 103.939
    case .tf: 1
    case .torch: (1 - 0.406) / 0.225
    case .none: nil
    }
  }
}

import ArgumentParser
import Keras

/// What becomes of pictures of features, `[height, width, channels]`.
enum PoolingChoice: String, CaseIterable, ExpressibleByArgument {
  case avg, max, none

  var pooling: FeaturePooling? { FeaturePooling(rawValue: rawValue) }
}

/// Which features of pictures, of which model.
struct FeatureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A model that `keras models` lists, or a file that holds one: .keras, .h5, or .json with --weights.",
      valueName: "name or file"),
    completion: .modelsAndFiles)
  var model = "mobilenet"

  @Option(
    help: ArgumentHelp(
      "A file of weights instead of the published ones, or `none` for random ones.", valueName: "file"),
    completion: .file())
  var weights: String?

  @Option(
    name: .customLong("layer"), parsing: .singleValue,
    help: ArgumentHelp(
      "A layer whose output to take, as `keras summary` names it; may be repeated. By default what the "
        + "classifier sees.",
      valueName: "name"))
  var layers: [String] = []

  @Option(
    help: ArgumentHelp(
      "What becomes of outputs with height and width: their mean, their maximum, or themselves.",
      valueName: "kind"))
  var pooling = PoolingChoice.avg

  @Option(
    help: ArgumentHelp(
      "For a model in a file that does not say it: what it takes for pixels of 0…255. tf: −1…1; unit: 0…1; none: as "
        + "they are; caffe and torch: less the means of ImageNet's colours.",
      valueName: "mode"))
  var preprocessing: PreprocessingMode?

  @OptionGroup var variant: VariantOptions
  @OptionGroup var pictureOptions: PictureOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("Pictures computed together.", valueName: "count"))
  var batchSize = 32

  @OptionGroup var compute: ComputeArguments

  @Flag(help: "Never use the network; say where a missing file belongs.")
  var offline = false

  func validate() throws {
    if !(1...4096).contains(batchSize) { throw ValidationError("--batch-size must be between 1 and 4096.") }
    if Set(layers).count < layers.count { throw ValidationError("A layer is named twice.") }
    if layers.count > 1, let name = layers.first(where: { FeatureArrays.reserved.contains($0) }) {
      throw ValidationError("A layer called `\(name)` cannot be one of several: a file keeps that name.")
    }
  }
}

/// What arrays of a file of features are called.
enum FeatureArrays {
  static let files = "files"
  static let index = "index"
  static let job = "job"
  static let reserved = [files, index, job]

  static func names(_ layers: [String]) -> [String] { layers.count > 1 ? layers : ["features"] }
}

/// Makes features of pictures.
struct FeatureMaker {
  let model: ImageModel
  let arrays: [String]
  let loader: PictureLoader
  let batchSize: Int
  let options: ComputeOptions
  /// What is computed, as files of features hold it.
  let job: JSON
  /// Whether another process would compute the same.
  let isRepeatable: Bool
  private let extractor: Model

  init(_ choice: FeatureOptions) throws(KerasError) {
    let store = makeStore(offline: choice.offline)
    let weights: String
    do throws(KerasError) {
      (model, weights, extractor) = try Self.extractor(choice, includesTop: false, store)
    } catch where error.kind == .unknownName && !choice.layers.isEmpty {
      // A layer of the classifier, perhaps.
      (model, weights, extractor) = try Self.extractor(choice, includesTop: true, store)
    }
    arrays = FeatureArrays.names(choice.layers)
    loader = choice.pictureOptions.loader
    batchSize = choice.batchSize
    options = try choice.compute.options(purpose: .throughput)
    isRepeatable = choice.weights != "none"
    job = try FeatureJob.json(choice, weights: weights, options)
  }

  private static func extractor(
    _ choice: FeatureOptions, includesTop: Bool, _ store: WeightStore
  ) throws(KerasError) -> (ImageModel, String, Model) {
    let classifier = ClassifierChoice(
      model: choice.model, weights: choice.weights, preprocessing: choice.preprocessing, variant: choice.variant,
      includesTop: includesTop)
    let (model, weights) = try classifier.pictureModel(store: store)
    return (model, weights, try model.featureExtractor(at: choice.layers, pooling: choice.pooling.pooling))
  }

  /// Features of a batch: for each array `[rows, …]`, float32.
  func features(_ input: Tensor) throws(KerasError) -> [Tensor] {
    try extractor.predictOnBatch([input], options: options).map { $0.converted(to: .float32) }
  }

  func reader(_ walk: PictureWalk, rows: Int? = nil) -> BatchReader {
    BatchReader(walk, for: model, loader: loader, batchSize: batchSize, rows: rows)
  }
}

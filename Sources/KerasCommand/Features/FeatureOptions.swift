import ArgumentParser
import Keras

/// What becomes of pictures of features, `[height, width, channels]`.
enum PoolingChoice: String, CaseIterable, ExpressibleByArgument {
  case avg, max, none

  var pooling: FeaturePooling? { FeaturePooling(rawValue: rawValue) }
}

/// Which features of pictures, of which model.
struct FeatureOptions: ParsableArguments {
  @OptionGroup var source: ModelSource

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

  @OptionGroup var pictureOptions: PictureOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("Pictures computed together.", valueName: "count"))
  var batchSize = 32

  @OptionGroup var compute: ComputeArguments

  func validate() throws {
    if !(1...4096).contains(batchSize) { throw ValidationError("--batch-size must be between 1 and 4096.") }
    if Set(layers).count < layers.count { throw ValidationError("A layer is named twice.") }
    if layers.count > 1, let name = layers.first(where: { FeatureArrays.reserved.contains($0) }) {
      throw ValidationError("A layer called `\(name)` cannot be one of several: a file keeps that name.")
    }
  }
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
  private let extractor: Model

  init(_ choice: FeatureOptions) throws(KerasError) {
    let store = makeStore(offline: choice.source.offline)
    let weights: String
    do throws(KerasError) {
      (model, weights, extractor) = try Self.extractor(choice, includesTop: false, store)
    } catch where error.kind == .unknownName && !choice.layers.isEmpty {
      // A layer of the classifier, perhaps.
      (model, weights, extractor) = try Self.extractor(choice, includesTop: true, store)
    }
    arrays = FeatureArrays.names(choice.layers)
    loader = choice.pictureOptions.loader(for: model)
    batchSize = choice.batchSize
    options = try choice.compute.options(purpose: .throughput)
    job = try FeatureJob.json(choice, weights: weights, preprocessing: model.preprocessing, options)
  }

  private static func extractor(
    _ choice: FeatureOptions, includesTop: Bool, _ store: WeightStore
  ) throws(KerasError) -> (ImageModel, String, Model) {
    var classifier = ClassifierChoice(choice.source)
    classifier.includesTop = includesTop
    // A family may do more behind its pooling, as ConvNeXt does.
    if choice.layers.isEmpty { classifier.pooling = choice.pooling.pooling }
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

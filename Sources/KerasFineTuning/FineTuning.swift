import KerasApplications
import KerasModels
import KerasPreprocessing
import KerasStore
import KerasTraining
import KerasWeights

/// A classifier of pictures on top of what another model has learned: first a new head on features that are computed
/// once, then, if wanted, the last layers below it at a lower rate.
///
/// ```swift
/// let base = try MobileNet(includeTop: false)
/// let tuning = try FineTuning(base, labels: names, seed: 1)
/// try tuning.trainHead(on: pictures, validation: others, epochs: 50)
/// try tuning.trainTop(from: "conv_pw_12", on: pictures, validation: others, epochs: 5)
/// try tuning.model.save(to: "insects.keras")
/// ```
/// Data are batches of the base's input (``ImageModel/preprocess(_:interpolation:)``) and class numbers `[count]`. Pixels
/// become such input, with random changes on their way:
/// `pixels.augmented(by: [RandomFlip(.horizontal)]).preprocessed(for: base)`.
public final class FineTuning {
  /// The whole classifier, which shares its lower layers with the base. It knows labels, size and preprocessing, in
  /// files, too.
  public let model: ImageModel
  /// Loss and metrics of the epoch whose weights the model has; empty before training.
  public private(set) var best = Logs()
  /// How much a sample of each class counts; nil where classes are of about the same size.
  public private(set) var classWeights: [Int: Double]?

  /// What the loss did at other learning rates, where the head's was looked for.
  public private(set) var learningRateRange: LearningRateRange?

  private let extractor: Model
  private let head: Model
  private let cache: (place: FeatureCache, key: FileHash)?
  private let options: ComputeOptions
  private let seed: Int

  /// How many times larger than the smallest class the largest may be before classes are weighted.
  public static let balancedRatio = 1.5

  /// - Parameters:
  ///   - base: its classifier, if it has one, is left out; its layers are frozen.
  ///   - labels: the new classes, at least two.
  ///   - pooling: what becomes of features with height and width.
  ///   - dropout: the share of features that each step of training does without.
  ///   - seed: decides the head's first weights, dropout and the order of samples.
  ///   - cache: where features stay on the disk, too; nil for nowhere.
  /// - Throws: `invalidArgument` for fewer than two classes; `shapeMismatch` for features that are no vectors.
  public init(
    _ base: ImageModel, labels: ClassLabels, pooling: FeaturePooling = .average, dropout: Double = 0.2,
    seed: Int = 0, cache: FeatureCache? = nil,
    options: ComputeOptions = ComputeOptions(purpose: .throughput)
  ) throws(KerasError) {
    guard labels.count > 1 else {
      throw KerasError(
        .invalidArgument, "A classifier tells at least two classes apart, found \(labels.count).",
        path: [base.name])
    }
    let extractor = try base.featureExtractor(pooling: pooling)
    guard extractor.output.shape.rank == 2, let width = extractor.output.shape[1] else {
      throw KerasError(
        .shapeMismatch, "Expected features (batch, count), found \(extractor.output.shape).",
        path: [base.name])
    }
    for layer in extractor.layers { layer.isTrainable = false }
    let names = Set(extractor.layers.map(\.name))
    func unused(_ name: String) -> String {
      guard names.contains(name) else { return name }
      return (1...).lazy.map { "\(name)_\($0)" }.first { !names.contains($0) } ?? name
    }
    let thinning = Dropout(dropout, name: unused("head_dropout"))
    let scores = Dense(
      units: labels.count, activation: .softmax, kernelInitializer: .glorotUniform(seed: RandomSeed(seed)),
      name: unused("head"))
    let features = Input(shape: [width])
    head = try Model(inputs: [features], outputs: [scores(thinning(features))], name: "head")
    let whole = try Model(
      inputs: extractor.inputs, outputs: [scores(thinning(extractor.output))], name: base.name)
    model = try ImageModel(
      whole, preprocessing: base.preprocessing, labels: labels, imageSize: base.imageSize,
      resizing: base.resizing)
    self.extractor = extractor
    self.options = options
    self.seed = seed
    self.cache = try cache.map { place throws(KerasError) in
      (place, try FeatureCache.key(of: extractor, options))
    }
  }

  // MARK: The head

  /// Trains the head alone. The base sees every picture once; its features stay in memory, and with a cache on the disk,
  /// so that an epoch costs milliseconds. Only pictures that change from epoch to epoch
  /// (``DataSource/changesEveryEpoch``) go through the base in each.
  ///
  /// The model ends up with the weights of the epoch with the least loss on `validation`.
  ///
  /// - Parameters:
  ///   - validation: nil trains all epochs, and keeps the last one's weights.
  ///   - patience: how many epochs without less loss are endured.
  ///   - batchSize: of features; the base computes batches as `data` has them. Data that change are trained on as they
  ///     come.
  ///   - findsLearningRate: whether the rate is looked for (``learningRateRange``) instead of given.
  /// - Throws: `invalidArgument` without a batch, and for labels that are no class.
  @discardableResult
  public func trainHead(
    on data: any DataSource, validation: (any DataSource)? = nil, epochs: Int = 50, batchSize: Int = 32,
    learningRate: Double = 1e-3, findsLearningRate: Bool = false, patience: Int = 5,
    callbacks: [Callback] = [], verbosity: Verbosity = .silent
  ) throws(KerasError) -> History {
    let (samples, classes) = try training(on: data, batchSize: batchSize)
    let held = try validation.map { data throws(KerasError) in try features(of: data) }
    classWeights = Self.classWeights(of: classes, count: model.classCount ?? 0)
    try head.compile(
      optimizer: .adam(learningRate: .constant(learningRate)), loss: .sparseCategoricalCrossentropy,
      metrics: [.accuracy],
      options: options, seed: Int64(seed))
    // So that the file says how the model was trained.
    try model.compile(
      optimizer: .adam(learningRate: .constant(learningRate)), loss: .sparseCategoricalCrossentropy,
      metrics: [.accuracy],
      options: options, seed: Int64(seed))
    if findsLearningRate {
      let range = try head.findLearningRate(samples, classWeights: classWeights)
      learningRateRange = range
      for model in [head, model] { model.optimizer?.learningRate = range.suggestion }
    }
    let history = try head.fit(
      samples, epochs: epochs,
      validationData: held?.data(batchSize: batchSize, seed: nil), classWeights: classWeights,
      callbacks: callbacks + stopping(patience, validation), verbosity: verbosity)
    best = Self.best(of: history)
    return history
  }

  /// What the base makes of samples, and their classes.
  private struct Features {
    var inputs: Tensor
    var targets: [Int32]

    func data(batchSize: Int, seed: UInt64?) throws(KerasError) -> TensorData {
      try TensorData([inputs], [Tensor(targets)], batchSize: batchSize, shuffleSeed: seed)
    }
  }

  /// What the head is trained on, and the classes of an epoch's samples.
  private func training(
    on data: any DataSource, batchSize: Int
  ) throws(KerasError) -> (any DataSource, classes: [Int32]) {
    guard data.changesEveryEpoch else {
      let found = try features(of: data)
      return (try found.data(batchSize: batchSize, seed: UInt64(bitPattern: Int64(seed))), found.targets)
    }
    let changing = try ChangingFeatures(extractor, of: data, options)
    var classes: [Int32] = []
    for batch in changing.first { classes += try self.classes(of: batch) }
    guard !classes.isEmpty else { throw noPicture }
    return (changing, classes)
  }

  private func classes(of batch: Batch) throws(KerasError) -> [Int32] {
    guard batch.targets.count == 1, batch.targets[0].elementCount == batch.count else {
      throw KerasError(
        .shapeMismatch, "Expected a class number for each of \(batch.count) samples.", path: [model.name])
    }
    return batch.targets[0].scalars()
  }

  private var noPicture: KerasError {
    KerasError(.invalidArgument, "There is no picture to train on.", path: [model.name])
  }

  private func features(of data: any DataSource) throws(KerasError) -> Features {
    let stream = try wrappingErrors { try data.batches(inEpoch: 0) }
    var (numbers, targets): ([Float], [Int32]) = ([], [])
    let width = (extractor.output.shape.last ?? nil) ?? 0
    // What was thawed is no longer what the key says.
    let shelf = isThawed ? nil : cache.flatMap { $0.place.shelf($0.key, width: width) }
    while let batch = try stream.next() {
      let classes = try classes(of: batch)
      numbers += try features(of: batch, width: width, shelf)
      targets += classes
    }
    guard !targets.isEmpty else { throw noPicture }
    return Features(
      inputs: try Tensor(numbers, shape: [targets.count, numbers.count / targets.count]), targets: targets)
  }

  /// A batch's features, row by row: those on the shelf, if all are there.
  private func features(of batch: Batch, width: Int, _ shelf: FeatureShelf?) throws(KerasError) -> [Float] {
    func computed() throws(KerasError) -> [Float] {
      try extractor.predictOnBatch(batch.inputs, options: options)[0].scalars()
    }
    guard let shelf, batch.inputs.count == 1 else { return try computed() }
    var hashes: [FileHash] = []
    for row in 0..<batch.count {
      hashes.append(try FileHash(sha256Of: batch.inputs[0].rows(row..<row + 1), withSpec: true))
    }
    var known: [Float] = []
    known.reserveCapacity(batch.count * width)
    for hash in hashes {
      guard let row = shelf.row(of: hash) else { break }
      known += row
    }
    // The whole batch, so that numbers are those of a run without a shelf to the bit.
    guard known.count < batch.count * width else { return known }
    let found = try computed()
    for (row, hash) in hashes.enumerated() { shelf.add(found[row * width..<(row + 1) * width], of: hash) }
    return found
  }

  /// Weights under which every class counts as much as any other, where they are not of about the same size.
  static func classWeights(of targets: [Int32], count: Int) -> [Int: Double]? {
    var sizes: [Int: Int] = [:]
    for target in targets { sizes[Int(target), default: 0] += 1 }
    guard let least = sizes.values.min(), let most = sizes.values.max(),
      Double(most) > balancedRatio * Double(least)
    else { return nil }
    return sizes.mapValues { Double(targets.count) / (Double(count) * Double($0)) }
  }

  // MARK: The top

  /// Trains on, the head and everything from a layer on, at a lower rate. Batch normalization stays frozen, in inference
  /// mode: few pictures would spoil what it has measured on many.
  ///
  /// Where no epoch has less loss on `validation` than the model had before, the model is left as it was.
  ///
  /// - Parameters:
  ///   - layer: its name; the layers behind it, in the order of ``Model/layers``, are thawed as well.
  ///   - data: batches of pictures in another order in every epoch, of the size that training is to have.
  /// - Throws: `unknownName` for a layer that the base has not, with the nearest names; `invalidArgument` where there is
  ///   nothing to thaw.
  @discardableResult
  public func trainTop(
    from layer: String, on data: any DataSource, validation: (any DataSource)? = nil, epochs: Int = 5,
    learningRate: Double = 1e-4, patience: Int = 5, callbacks: [Callback] = [], verbosity: Verbosity = .silent
  ) throws(KerasError) -> History {
    try thaw(from: layer)
    try model.compile(
      optimizer: .adam(learningRate: .constant(learningRate)),
      loss: .sparseCategoricalCrossentropy, metrics: [.accuracy], options: options, seed: Int64(seed))
    let (weights, before) = (model.trainableWeights, best)
    let values = weights.map(\.value)
    let history = try model.fit(
      data, epochs: epochs, validationData: validation, classWeights: classWeights,
      callbacks: callbacks + stopping(patience, validation), verbosity: verbosity)
    let found = Self.best(of: history)
    // Interrupted in its first epoch, it is no better either, as far as anybody knows.
    if let old = before[Self.monitored], !(found[Self.monitored] ?? .infinity < old) {
      for (weight, value) in zip(weights, values) { try weight.assign(value) }
    } else {
      best = found
    }
    return history
  }

  /// Checks, before anything is computed, that the top can be trained from a layer on.
  ///
  /// - Throws: as training the top does.
  public func checkTop(from layer: String) throws(KerasError) { _ = try top(from: layer) }

  private func top(from name: String) throws(KerasError) -> [Layer] {
    let layers = extractor.layers
    let first = try extractor.layer(named: name)
    guard let index = layers.firstIndex(where: { $0 === first }) else {
      throw KerasError(
        .invalidArgument, "The layer `\(name)` is inside another model.", path: [model.name],
        remedy: "name the layer that holds it.")
    }
    let top = layers[index...].flatMap(\.leaves).filter { !($0 is BatchNormalization) }
    guard top.contains(where: { !$0.weights.isEmpty }) else {
      throw KerasError(
        .invalidArgument, "From `\(name)` on no layer has weights that could be trained.", path: [model.name],
        remedy: "name an earlier one.")
    }
    return top
  }

  private func thaw(from name: String) throws(KerasError) {
    for layer in try top(from: name) { layer.isTrainable = true }
    isThawed = true
  }
  /// Whether the base's weights may be others than those it came with.
  private var isThawed = false

  // MARK: The best epoch

  private static let monitored = "val_loss"

  private func stopping(_ patience: Int, _ validation: (any DataSource)?) -> [Callback] {
    guard validation != nil else { return [] }
    return [.earlyStopping(monitor: Self.monitored, patience: patience, mode: .minimum, restoresBest: true)]
  }

  private static func best(of history: History) -> Logs {
    let losses = history[monitored]
    let index =
      losses.map { losses in losses.indices.reduce(0) { losses[$1] < losses[$0] ? $1 : $0 } }
      ?? history.epochs.count - 1
    return Logs(
      history.metrics.compactMap { name, numbers in
        numbers.indices.contains(index) ? (name, numbers[index]) : nil
      })
  }
}

extension Layer {
  /// The layer, or of a model inside the layers in it.
  fileprivate var leaves: [Layer] { (self as? Model)?.layers.flatMap(\.leaves) ?? [self] }
}

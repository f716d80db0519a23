import KerasGraph

/// Changes pictures while training, mostly at random; predicting, it leaves them alone.
///
/// ```swift
/// let model = Sequential {
///   Input(shape: [224, 224, 3])
///   RandomFlip(.horizontal)
///   RandomRotation(0.1)
///   Rescaling(scale: 1 / 255.0)
///   Flatten()
///   Dense(units: 5, activation: .softmax)
/// }
/// ```
/// - Input: `[batch, height, width, channels]` or one picture without the batch; channels may stand first. Some mix
///   the labels, `[batch, classes]`, too: give them as a second input.
/// - Output: the same, in the layer's floating-point type.
///
/// Random numbers are those of ``CallContext/randomSeed(_:)``: the seed of training, the step and the layer decide
/// them, and no thread or backend. A picture gets its own unless said otherwise. Subclasses describe the change in
/// graph operations, ``augment(_:_:)``.
open class Augmentation: Layer, @unchecked Sendable {
  @Setting("data_format", DataFormat?.settingCodec.omitting { $0 == nil }) private var saidFormat: DataFormat?
  @Setting("bounding_box_format", String?.settingCodec.omitting { $0 == nil }) private var boxFormat: String?

  /// The order of the axes; Keras 2 had no word for it in these layers.
  public final var dataFormat: DataFormat { saidFormat ?? .default }

  public init(dataFormat: DataFormat? = nil, name: String? = nil) {
    super.init(name: name)
    saidFormat = dataFormat
    boxFormat = nil
  }

  /// What the change is, for pictures `[batch, height, width, channels]` of known size.
  open func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch { batch }

  /// Whether the settings make sense.
  ///
  /// - Throws: `invalidArgument` for settings that do not.
  open func checkSettings() throws {}

  /// What the pictures become where their size is not known yet: `[batch, height, width, channels]`.
  open func outputShape(for shape: Shape) -> Shape { shape }

  /// Whether predictions change pictures as well.
  open var worksInPredictions: Bool { false }

  /// Whether whole numbers come out as the layer's floating-point type.
  var convertsPixels: Bool { true }

  /// What predictions make of the pictures, in the caller's order of axes: nothing.
  func predicting(_ pictures: Value, in context: CallContext) throws(KerasError) -> Value { pictures }

  /// The seed of the layer's own, if any.
  var drawingSeed: Int? { nil }

  public override func build(for inputs: [TensorSpec]) throws { try checkSettings() }

  public final override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    let graph = context.graph
    let spec = inputs.first.map(graph.spec(of:))
    guard let spec, (3...4).contains(spec.shape.rank) else {
      throw KerasError(
        .shapeMismatch,
        "\(className) takes pictures of three or four axes, found \(spec.map { "\($0)" } ?? "none").")
    }
    try require(
      inputs.count <= 2,
      "\(className) takes pictures and, if there are any, labels; found \(inputs.count) inputs.")
    let type = dataTypePolicy.computeType
    var pictures = convertsPixels ? try graph.cast(inputs[0], to: type) : inputs[0]
    guard context.isTraining || worksInPredictions else {
      return [try predicting(pictures, in: context)] + inputs.dropFirst()
    }
    // Sums and places need more digits than half precision has.
    if type.byteCount == 2 { pictures = try graph.cast(pictures, to: .float32) }
    let isSingle = spec.shape.rank == 3
    if isSingle { pictures = try graph.expandDimensions(pictures, axis: 0) }
    if dataFormat == .channelsFirst { pictures = try graph.moveAxis(pictures, from: 1, to: -1) }
    var result: Value
    var labels = inputs.dropFirst().first
    let shape = graph.shape(of: pictures)
    if let lengths = shape.known {
      try require(
        lengths.allSatisfy { $0 > 0 }, .shapeMismatch,
        "\(className) takes pictures with pixels, found \(spec).")
      let batch = PictureBatch(images: graph[pictures], labels: labels.map { graph[$0] }, lengths)
      let changed = try augment(batch, Draws(context, seed: drawingSeed))
      result = try changed.images.value
      labels = try changed.labels?.value
    } else {
      result = graph.placeholder(TensorSpec(outputShape(for: shape), type))
    }
    if dataFormat == .channelsFirst { result = try graph.moveAxis(result, from: -1, to: 1) }
    if isSingle { result = try graph.squeeze(result, axes: [0]) }
    return [try graph.cast(result, to: type)] + (labels.map { [$0] } ?? [])
  }
}

/// Pictures `[batch, height, width, channels]` and what they show.
public struct PictureBatch {
  public var images: RecordedValue
  /// `[batch, classes]`, or whatever the user has; nil where only pictures came in.
  public var labels: RecordedValue?
  public let count: Int
  public let height: Int
  public let width: Int
  public let channels: Int

  init(images: RecordedValue, labels: RecordedValue?, _ lengths: [Int]) {
    self.images = images
    self.labels = labels
    (count, height, width, channels) = (lengths[0], lengths[1], lengths[2], lengths[3])
  }

  /// The same with other pictures, in their size.
  public func with(_ images: RecordedValue) -> PictureBatch {
    var batch = self
    batch.images = images
    return batch
  }
}

/// An ``Augmentation`` that draws random numbers.
open class RandomAugmentation: Augmentation, @unchecked Sendable {
  /// Of the layer's own; nil for the seed of training alone.
  @Setting("seed") public private(set) var seed: Int?

  public init(seed: Int? = nil, dataFormat: DataFormat? = nil, name: String? = nil) {
    super.init(dataFormat: dataFormat, name: name)
    self.seed = seed
  }

  override var drawingSeed: Int? { seed }
}

import KerasGraph

/// What a pooling layer makes of the elements it sees: ``MaxPool`` or ``AveragePool``.
public protocol PoolFunction: Sendable {
  /// Keras' word for it in the names of classes.
  static var name: String { get }
  static var kind: PoolingOperation.Kind { get }
  /// The same of all elements along some axes.
  static var reduction: ReductionOperation.Function { get }
}

/// The largest element; padding is ignored.
public enum MaxPool: PoolFunction {
  public static let name = "Max"
  public static let kind = PoolingOperation.Kind.maximum
  public static let reduction = ReductionOperation.Function.maximum
}

/// The mean of the real elements.
public enum AveragePool: PoolFunction {
  public static let name = "Average"
  public static let kind = PoolingOperation.Kind.average
  public static let reduction = ReductionOperation.Function.mean
}

/// One number for each window and channel: ``MaxPooling2D``, ``AveragePooling2D`` and their like.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`.
/// - Output: the same with as many positions as the window has.
public final class Pooling<Function: PoolFunction, Size: SpatialSize>: Layer, @unchecked Sendable {
  @Setting("pool_size", .lengths) public private(set) var poolSize: [Int]
  @Setting("strides", .lengths) public private(set) var strides: [Int]
  @Setting("padding") public private(set) var padding: ConvolutionPadding
  @Setting("data_format") public private(set) var dataFormat: DataFormat

  /// - Parameter strides: nil for the pool size.
  public init(
    poolSize: Size = 2, strides: Size? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(name: name)
    self.poolSize = poolSize.lengths
    self.strides = (strides ?? poolSize).lengths
    self.padding = padding
    self.dataFormat = dataFormat
  }

  package override class var ownName: String { "\(Function.name)Pooling\(Size.rank)D" }

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    if configuration.value("strides") == nil { strides = poolSize }
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    try expectRank(Size.rank + 2, graph.spec(of: input))
    try require(padding != .causal, "\(className) takes no causal padding.")
    return try poolingReals(Function.kind, input, in: graph) { (numbers) throws(KerasError) in
      let image = try graph.channelsLast(numbers, dataFormat)
      let window = Window(
        poolSize, strides: strides,
        padding: try padding.amounts(
          for: graph.shape(of: image), size: poolSize, strides: strides, dilations: poolSize.map { _ in 1 }))
      return try graph.restoringChannels(graph.pooling(Function.kind, image, window: window), dataFormat)
    }
  }
}

extension Layer {
  /// Pools are of real numbers. They hold whole ones exactly; a maximum of such is whole again, a mean is not.
  func poolingReals(
    _ kind: PoolingOperation.Kind, _ input: Value, in graph: GraphBuilder,
    _ pool: (Value) throws(KerasError) -> Value
  ) throws(KerasError) -> Value {
    let dataType = graph.spec(of: input).dataType
    guard !dataType.isFloatingPoint else { return try pool(input) }
    let pooled = try pool(graph.cast(input, to: .float64))
    return try graph.cast(pooled, to: kind == .maximum ? dataType : dataTypePolicy.computeType)
  }
}

/// The largest element of each window of sequences, `[batch, steps, channels]`, channel by channel.
public typealias MaxPooling1D = Pooling<MaxPool, Int>

/// The largest element of each window of images, `[batch, height, width, channels]`, channel by channel.
public typealias MaxPooling2D = Pooling<MaxPool, Size2D>

/// The largest element of each window of volumes, `[batch, depth, height, width, channels]`, channel by channel.
public typealias MaxPooling3D = Pooling<MaxPool, Size3D>

/// The mean of each window's real elements of sequences, `[batch, steps, channels]`, channel by channel.
public typealias AveragePooling1D = Pooling<AveragePool, Int>

/// The mean of each window's real elements of images, `[batch, height, width, channels]`, channel by channel.
public typealias AveragePooling2D = Pooling<AveragePool, Size2D>

/// The mean of each window's real elements of volumes, `[batch, depth, height, width, channels]`, channel by channel.
public typealias AveragePooling3D = Pooling<AveragePool, Size3D>

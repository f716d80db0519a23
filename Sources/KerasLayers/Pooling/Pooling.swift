import KerasGraph

/// What the pooling layers share: one number for each window and channel.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`.
/// - Output: the same with as many positions as the window has.
///
/// Padding never counts: a maximum ignores it, a mean divides by the number of real elements.
public class PoolingLayer: Layer, @unchecked Sendable {
  @Setting("pool_size", .lengths) public private(set) var poolSize: [Int]
  @Setting("strides", .lengths) public private(set) var strides: [Int]
  @Setting("padding") public private(set) var padding: ConvolutionPadding
  @Setting("data_format") public private(set) var dataFormat: DataFormat
  private let kind: PoolingOperation.Kind

  fileprivate init(
    _ kind: PoolingOperation.Kind, poolSize: [Int], strides: [Int]?, padding: ConvolutionPadding,
    dataFormat: DataFormat, name: String?
  ) {
    self.kind = kind
    super.init(name: name)
    self.poolSize = poolSize
    self.strides = strides ?? poolSize
    self.padding = padding
    self.dataFormat = dataFormat
  }

  public final override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    if configuration.value("strides") == nil { strides = poolSize }
  }

  public final override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    try expectRank(poolSize.count + 2, graph.spec(of: input))
    try require(padding != .causal, "\(className) takes no causal padding.")
    return try poolingReals(kind, input, in: graph) { (numbers) throws(KerasError) in
      let image = try graph.channelsLast(numbers, dataFormat)
      let window = Window(
        poolSize, strides: strides,
        padding: try padding.amounts(
          for: graph.shape(of: image), size: poolSize, strides: strides, dilations: poolSize.map { _ in 1 }))
      return try graph.restoringChannels(graph.pooling(kind, image, window: window), dataFormat)
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

/// The largest element of each window, channel by channel: ``MaxPooling1D``, ``MaxPooling2D`` and ``MaxPooling3D``.
public final class MaxPooling<Size: SpatialSize>: PoolingLayer, @unchecked Sendable {
  /// - Parameter strides: nil for the pool size.
  public init(
    poolSize: Size = 2, strides: Size? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(
      .maximum, poolSize: poolSize.lengths, strides: strides?.lengths, padding: padding,
      dataFormat: dataFormat, name: name)
  }

  package override class var ownName: String { "MaxPooling\(Size.rank)D" }
}

/// The largest element of each window of sequences, `[batch, steps, channels]`, channel by channel.
public typealias MaxPooling1D = MaxPooling<Int>

/// The largest element of each window of images, `[batch, height, width, channels]`, channel by channel.
public typealias MaxPooling2D = MaxPooling<Size2D>

/// The largest element of each window of volumes, `[batch, depth, height, width, channels]`, channel by channel.
public typealias MaxPooling3D = MaxPooling<Size3D>

/// The mean of each window's real elements, channel by channel: ``AveragePooling1D``, ``AveragePooling2D`` and ``AveragePooling3D``.
public final class AveragePooling<Size: SpatialSize>: PoolingLayer, @unchecked Sendable {
  /// - Parameter strides: nil for the pool size.
  public init(
    poolSize: Size = 2, strides: Size? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(
      .average, poolSize: poolSize.lengths, strides: strides?.lengths, padding: padding,
      dataFormat: dataFormat, name: name)
  }

  package override class var ownName: String { "AveragePooling\(Size.rank)D" }
}

/// The mean of each window's real elements of sequences, `[batch, steps, channels]`, channel by channel.
public typealias AveragePooling1D = AveragePooling<Int>

/// The mean of each window's real elements of images, `[batch, height, width, channels]`, channel by channel.
public typealias AveragePooling2D = AveragePooling<Size2D>

/// The mean of each window's real elements of volumes, `[batch, depth, height, width, channels]`, channel by channel.
public typealias AveragePooling3D = AveragePooling<Size3D>

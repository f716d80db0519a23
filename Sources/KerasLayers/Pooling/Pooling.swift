import KerasGraph

/// What the pooling layers share: one number for each window and channel.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`.
/// - Output: the same with as many positions as the window has.
///
/// Padding never counts: a maximum ignores it, a mean divides by the number of real elements.
public class PoolingLayer: Layer, @unchecked Sendable {
  public let poolSize: [Int]
  public let strides: [Int]
  public let padding: ConvolutionPadding
  public let dataFormat: DataFormat
  private let kind: PoolingOperation.Kind

  /// - Parameter strides: nil for the pool size.
  init(
    _ kind: PoolingOperation.Kind, poolSize: [Int], strides: [Int]?, padding: ConvolutionPadding,
    dataFormat: DataFormat, name: String?
  ) {
    self.kind = kind
    self.poolSize = poolSize
    self.strides = strides ?? poolSize
    self.padding = padding
    self.dataFormat = dataFormat
    super.init(name: name)
  }

  init(
    _ kind: PoolingOperation.Kind, _ settings: Configuration, rank: Int
  ) throws(KerasError) {
    self.kind = kind
    poolSize = try settings.lengths("pool_size", rank: rank, default: 2)
    strides = settings.value("strides") == nil ? poolSize : try settings.lengths("strides", rank: rank)
    padding = try settings.padding()
    dataFormat = try settings.dataFormat("data_format")
    super.init(name: settings.name)
  }

  public final override var config: JSONObject {
    [
      "pool_size": JSON(poolSize), "padding": .string(padding.rawValue), "strides": JSON(strides),
      "data_format": dataFormat.json,
    ]
  }

  public final override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    try expectRank(poolSize.count + 2, graph.spec(of: input))
    guard padding != .causal else {
      throw KerasError(.invalidArgument, "\(className) takes no causal padding.")
    }
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

/// The largest element of each window of sequences, `[batch, steps, channels]`, channel by channel.
public final class MaxPooling1D: PoolingLayer, @unchecked Sendable {
  /// - Parameter strides: nil for the pool size.
  public init(
    poolSize: Int = 2, strides: Int? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(
      .maximum, poolSize: [poolSize], strides: strides.map { [$0] }, padding: padding, dataFormat: dataFormat,
      name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(.maximum, settings, rank: 1) }
}

/// The largest element of each window of images, `[batch, height, width, channels]`, channel by channel.
public final class MaxPooling2D: PoolingLayer, @unchecked Sendable {
  /// - Parameter strides: nil for the pool size.
  public init(
    poolSize: Size2D = 2, strides: Size2D? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(
      .maximum, poolSize: poolSize.lengths, strides: strides?.lengths, padding: padding,
      dataFormat: dataFormat,
      name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(.maximum, settings, rank: 2) }
}

/// The largest element of each window of volumes, `[batch, depth, height, width, channels]`, channel by channel.
public final class MaxPooling3D: PoolingLayer, @unchecked Sendable {
  /// - Parameter strides: nil for the pool size.
  public init(
    poolSize: Size3D = 2, strides: Size3D? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(
      .maximum, poolSize: poolSize.lengths, strides: strides?.lengths, padding: padding,
      dataFormat: dataFormat,
      name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(.maximum, settings, rank: 3) }
}

/// The mean of each window's real elements of sequences, `[batch, steps, channels]`, channel by channel.
public final class AveragePooling1D: PoolingLayer, @unchecked Sendable {
  /// - Parameter strides: nil for the pool size.
  public init(
    poolSize: Int = 2, strides: Int? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(
      .average, poolSize: [poolSize], strides: strides.map { [$0] }, padding: padding, dataFormat: dataFormat,
      name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(.average, settings, rank: 1) }
}

/// The mean of each window's real elements of images, `[batch, height, width, channels]`, channel by channel.
public final class AveragePooling2D: PoolingLayer, @unchecked Sendable {
  /// - Parameter strides: nil for the pool size.
  public init(
    poolSize: Size2D = 2, strides: Size2D? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(
      .average, poolSize: poolSize.lengths, strides: strides?.lengths, padding: padding,
      dataFormat: dataFormat,
      name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(.average, settings, rank: 2) }
}

/// The mean of each window's real elements of volumes, `[batch, depth, height, width, channels]`, channel by channel.
public final class AveragePooling3D: PoolingLayer, @unchecked Sendable {
  /// - Parameter strides: nil for the pool size.
  public init(
    poolSize: Size3D = 2, strides: Size3D? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(
      .average, poolSize: poolSize.lengths, strides: strides?.lengths, padding: padding,
      dataFormat: dataFormat,
      name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(.average, settings, rank: 3) }
}

import KerasGraph

/// What the pooling layers over images share.
///
/// - Input: `[batch, height, width, channels]`. Output: `[batch, positions…, channels]`.
public class PoolingLayer2D: Layer, @unchecked Sendable {
  public let poolSize: Size2D
  public let strides: Size2D
  public let padding: ConvolutionPadding
  private let kind: PoolingOperation.Kind

  init(
    _ kind: PoolingOperation.Kind, poolSize: Size2D, strides: Size2D?, padding: ConvolutionPadding,
    name: String?
  ) {
    self.kind = kind
    self.poolSize = poolSize
    self.strides = strides ?? poolSize
    self.padding = padding
    super.init(name: name)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    try expectRank(4, graph.spec(of: input))
    let window = Window(
      poolSize.lengths, strides: strides.lengths,
      padding: try padding.amounts(
        for: graph.shape(of: input), size: poolSize.lengths, strides: strides.lengths, dilations: [1, 1]))
    return try graph.pooling(kind, input, window: window)
  }
}

/// The largest element of each window, channel by channel.
public final class MaxPooling2D: PoolingLayer2D, @unchecked Sendable {
  /// - Parameter strides: nil for the pool size.
  public init(
    poolSize: Size2D = 2, strides: Size2D? = nil, padding: ConvolutionPadding = .valid, name: String? = nil
  ) {
    super.init(.maximum, poolSize: poolSize, strides: strides, padding: padding, name: name)
  }
}

/// The mean of each window's real elements, channel by channel; padding does not count.
public final class AveragePooling2D: PoolingLayer2D, @unchecked Sendable {
  /// - Parameter strides: nil for the pool size.
  public init(
    poolSize: Size2D = 2, strides: Size2D? = nil, padding: ConvolutionPadding = .valid, name: String? = nil
  ) {
    super.init(.average, poolSize: poolSize, strides: strides, padding: padding, name: name)
  }
}

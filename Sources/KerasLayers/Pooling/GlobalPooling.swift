import KerasGraph

/// What the global pooling layers share: one number for each channel.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`.
/// - Output: `[batch, channels]`, or with spatial axes of length 1 where dimensions are kept.
public class GlobalPoolingLayer: Layer, @unchecked Sendable {
  @Setting("data_format") public private(set) var dataFormat: DataFormat
  @Setting("keepdims") public private(set) var keepsDimensions: Bool
  private let function: ReductionOperation.Function
  private let rank: Int

  fileprivate init(
    _ function: ReductionOperation.Function, rank: Int, dataFormat: DataFormat, keepsDimensions: Bool,
    name: String?
  ) {
    self.function = function
    self.rank = rank
    super.init(name: name)
    self.dataFormat = dataFormat
    self.keepsDimensions = keepsDimensions
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try reduce(function, input, in: context)
  }

  /// One number from all elements of each channel.
  final func reduce(
    _ function: ReductionOperation.Function, _ input: Value, in context: CallContext
  ) throws(KerasError) -> Value {
    let graph = context.graph
    try expectRank(rank + 2, graph.spec(of: input))
    // A mean of whole numbers is none.
    let isReal = graph.spec(of: input).dataType.isFloatingPoint || function != .mean
    let x = isReal ? input : try graph.cast(input, to: dataTypePolicy.computeType)
    return try graph.reduce(
      function, x, axes: Array(dataFormat.spatialAxes(rank: rank + 2)), keepsDimensions: keepsDimensions)
  }
}

/// The maximum of each channel: ``GlobalMaxPooling1D``, ``GlobalMaxPooling2D`` and ``GlobalMaxPooling3D``.
public final class GlobalMaxPooling<Size: SpatialSize>: GlobalPoolingLayer, @unchecked Sendable {
  public init(dataFormat: DataFormat = .default, keepsDimensions: Bool = false, name: String? = nil) {
    super.init(
      .maximum, rank: Size.rank, dataFormat: dataFormat, keepsDimensions: keepsDimensions, name: name)
  }

  package override class var ownName: String { "GlobalMaxPooling\(Size.rank)D" }
}

/// The maximum of each channel over the whole sequence.
public typealias GlobalMaxPooling1D = GlobalMaxPooling<Int>

/// The maximum of each channel over the whole image.
public typealias GlobalMaxPooling2D = GlobalMaxPooling<Size2D>

/// The maximum of each channel over the whole volume.
public typealias GlobalMaxPooling3D = GlobalMaxPooling<Size3D>

/// The mean of each channel: ``GlobalAveragePooling2D`` and ``GlobalAveragePooling3D``.
public final class GlobalAveragePooling<Size: SpatialSize>: GlobalPoolingLayer, @unchecked Sendable {
  public init(dataFormat: DataFormat = .default, keepsDimensions: Bool = false, name: String? = nil) {
    super.init(
      .mean, rank: Size.rank, dataFormat: dataFormat, keepsDimensions: keepsDimensions, name: name)
  }

  package override class var ownName: String { "GlobalAveragePooling\(Size.rank)D" }
}

/// The mean of each channel over the whole image.
public typealias GlobalAveragePooling2D = GlobalAveragePooling<Size2D>

/// The mean of each channel over the whole volume.
public typealias GlobalAveragePooling3D = GlobalAveragePooling<Size3D>

/// The mean of each channel over the steps of a sequence, `[batch, steps, channels]`; masked steps do not count.
///
/// A sequence that is masked altogether gives NaN, as in Keras.
public final class GlobalAveragePooling1D: GlobalPoolingLayer, @unchecked Sendable {
  public init(dataFormat: DataFormat = .default, keepsDimensions: Bool = false, name: String? = nil) {
    super.init(.mean, rank: 1, dataFormat: dataFormat, keepsDimensions: keepsDimensions, name: name)
  }

  public override var callParameters: [String] { ["inputs", "mask"] }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    [try call(inputs[0], in: context)]
  }

  /// It reads masks, and passes none on.
  public override var supportsMasking: Bool { true }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    context.setOutputMasks([nil])
    guard let mask = context.input(named: "mask") ?? context.mask() else { return try reduce(.mean, input, in: context) }
    let graph = context.graph
    try expectRank(3, graph.spec(of: input))
    var lengths = graph.shape(of: mask)
    try require(
      lengths.rank == 2, .shapeMismatch, "Expected a mask [batch, steps], found \(graph.spec(of: mask)).")
    lengths = Shape(dataFormat == .channelsLast ? [lengths[0], lengths[1], 1] : [lengths[0], 1, lengths[1]])
    let isReal = try graph.reshaped(mask, to: lengths)
    let x = try graph.cast(input, to: dataTypePolicy.computeType)
    let kept = try graph.select(isReal, x, graph.scalar(0, like: x))
    let count = try reduce(.sum, graph.cast(isReal, to: dataTypePolicy.computeType), in: context)
    return try graph.binary(.divide, reduce(.sum, kept, in: context), count)
  }
}

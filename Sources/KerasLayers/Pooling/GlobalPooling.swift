import KerasGraph

/// One number for each channel: ``GlobalMaxPooling2D``, ``GlobalAveragePooling2D`` and their like.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`.
/// - Output: `[batch, channels]`, or with spatial axes of length 1 where dimensions are kept.
public class GlobalPooling<Function: PoolFunction, Size: SpatialSize>: Layer, @unchecked Sendable {
  @Setting("data_format") public private(set) var dataFormat: DataFormat
  @Setting("keepdims") public private(set) var keepsDimensions: Bool

  public init(dataFormat: DataFormat = .default, keepsDimensions: Bool = false, name: String? = nil) {
    super.init(name: name)
    self.dataFormat = dataFormat
    self.keepsDimensions = keepsDimensions
  }

  package override class var ownName: String { "Global\(Function.name)Pooling\(Size.rank)D" }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    // A mean of whole numbers is none.
    let isReal = context.graph.spec(of: input).dataType.isFloatingPoint || Function.reduction != .mean
    let x = isReal ? input : try context.graph.cast(input, to: dataTypePolicy.computeType)
    return try reduce(Function.reduction, x, in: context.graph)
  }

  /// One number from all elements of each channel.
  final func reduce(
    _ function: ReductionOperation.Function, _ x: Value, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    try expectRank(Size.rank + 2, graph.spec(of: x))
    return try graph.reduce(
      function, x, axes: Array(dataFormat.spatialAxes(rank: Size.rank + 2)), keepsDimensions: keepsDimensions)
  }
}

/// The maximum of each channel over the whole sequence.
public typealias GlobalMaxPooling1D = GlobalPooling<MaxPool, Int>

/// The maximum of each channel over the whole image.
public typealias GlobalMaxPooling2D = GlobalPooling<MaxPool, Size2D>

/// The maximum of each channel over the whole volume.
public typealias GlobalMaxPooling3D = GlobalPooling<MaxPool, Size3D>

/// The mean of each channel over the whole image.
public typealias GlobalAveragePooling2D = GlobalPooling<AveragePool, Size2D>

/// The mean of each channel over the whole volume.
public typealias GlobalAveragePooling3D = GlobalPooling<AveragePool, Size3D>

/// The mean of each channel over the steps of a sequence, `[batch, steps, channels]`; masked steps do not count.
///
/// A sequence that is masked altogether gives NaN, as in Keras.
public final class GlobalAveragePooling1D: GlobalPooling<AveragePool, Int>, @unchecked Sendable {
  public override var callParameters: [String] { ["inputs", "mask"] }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    [try call(inputs[0], in: context)]
  }

  /// It reads masks, and passes none on.
  public override var supportsMasking: Bool { true }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    context.setOutputMasks([nil])
    let (graph, type) = (context.graph, dataTypePolicy.computeType)
    guard let mask = context.input(named: "mask") ?? context.mask() else {
      return try super.call(input, in: context)
    }
    try expectRank(3, graph.spec(of: input))
    var lengths = graph.shape(of: mask)
    try require(
      lengths.rank == 2, .shapeMismatch, "Expected a mask [batch, steps], found \(graph.spec(of: mask)).")
    lengths = Shape(dataFormat == .channelsLast ? [lengths[0], lengths[1], 1] : [lengths[0], 1, lengths[1]])
    let isReal = try graph.reshaped(mask, to: lengths)
    let x = try graph.cast(input, to: type)
    let sum = try reduce(.sum, graph.select(isReal, x, graph.scalar(0, like: x)), in: graph)
    return try (context[sum] / context[reduce(.sum, graph.cast(isReal, to: type), in: graph)]).value
  }
}

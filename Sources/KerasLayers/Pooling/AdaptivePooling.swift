import KerasGraph

/// As many windows along each spatial axis as are asked for, whatever the input's length:
/// ``AdaptiveMaxPooling2D``, ``AdaptiveAveragePooling2D`` and their like.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`.
/// - Output: the same with lengths `outputSize`.
///
/// Window `i` of `n` over `length` elements reaches from `⌊i · length / n⌋` up to `⌈(i + 1) · length / n⌉`; windows
/// may overlap by one element.
public final class AdaptivePooling<Function: PoolFunction, Size: SpatialSize>: Layer, @unchecked Sendable {
  /// For each spatial axis.
  @Setting("output_size", .lengths, .required) public private(set) var outputSize: [Int]
  @Setting("data_format") public private(set) var dataFormat: DataFormat

  public init(outputSize: Size, dataFormat: DataFormat = .default, name: String? = nil) {
    super.init(name: name)
    self.outputSize = outputSize.lengths
    self.dataFormat = dataFormat
  }

  package override class var ownName: String { "Adaptive\(Function.name)Pooling\(Size.rank)D" }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    try expectRank(Size.rank + 2, graph.spec(of: input))
    try require(
      outputSize.allSatisfy((1...ConvolutionPadding.largest).contains),
      "Expected output sizes from 1 to \(ConvolutionPadding.largest), found \(outputSize).")
    return try poolingReals(Function.kind, input, in: graph) { (numbers) throws(KerasError) in
      var x = try graph.channelsLast(numbers, dataFormat)
      for axis in outputSize.indices { x = try pooled(x, axis: axis, in: graph) }
      return try graph.restoringChannels(x, dataFormat)
    }
  }

  /// Pools along one spatial axis.
  ///
  /// Windows are of at most two lengths, which differ by one. All windows of either length are pooled, and those that
  /// are wanted gathered.
  private func pooled(_ x: Value, axis: Int, in graph: GraphBuilder) throws(KerasError) -> Value {
    let count = outputSize[axis]
    guard let length = graph.shape(of: x)[axis + 1] else {
      var shape = graph.shape(of: x)
      shape[axis + 1] = count
      return graph.placeholder(TensorSpec(shape, graph.spec(of: x).dataType))
    }
    try require(
      (1..<1 << 31).contains(length), .shapeMismatch, "\(length) elements along an axis cannot be pooled.")
    func pooling(of size: Int, stride: Int) throws(KerasError) -> Value {
      var (sizes, strides) = (outputSize.map { _ in 1 }, outputSize.map { _ in 1 })
      (sizes[axis], strides[axis]) = (size, stride)
      return try graph.pooling(Function.kind, x, window: Window(sizes, strides: strides))
    }
    if length % count == 0 { return try pooling(of: length / count, stride: length / count) }
    let starts = (0..<count).map { $0 * length / count }
    let sizes = (0..<count).map { (($0 + 1) * length + count - 1) / count - starts[$0] }
    let small = (length + count - 1) / count
    var pools = [try pooling(of: small, stride: 1)]
    if sizes.contains(small + 1) { pools.append(try pooling(of: small + 1, stride: 1)) }
    let smallPositions = length - small + 1
    let positions = zip(starts, sizes).map { Int32($1 == small ? $0 : smallPositions + $0) }
    let all = pools.count == 1 ? pools[0] : try graph.concatenate(pools, axis: axis + 1)
    return try graph.gather(all, at: graph.constant(Tensor(positions)), axis: axis + 1)
  }
}

/// The mean of each part of a sequence, channel by channel.
public typealias AdaptiveAveragePooling1D = AdaptivePooling<AveragePool, Int>

/// The mean of each part of an image, channel by channel.
public typealias AdaptiveAveragePooling2D = AdaptivePooling<AveragePool, Size2D>

/// The mean of each part of a volume, channel by channel.
public typealias AdaptiveAveragePooling3D = AdaptivePooling<AveragePool, Size3D>

/// The maximum of each part of a sequence, channel by channel.
public typealias AdaptiveMaxPooling1D = AdaptivePooling<MaxPool, Int>

/// The maximum of each part of an image, channel by channel.
public typealias AdaptiveMaxPooling2D = AdaptivePooling<MaxPool, Size2D>

/// The maximum of each part of a volume, channel by channel.
public typealias AdaptiveMaxPooling3D = AdaptivePooling<MaxPool, Size3D>

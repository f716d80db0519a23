import KerasGraph

/// What the upsampling layers share: each spatial axis becomes a whole number of times as long.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`.
/// - Output: the same, longer.
public class UpSamplingLayer: Layer, @unchecked Sendable {
  /// For each spatial axis.
  @Setting("size", .lengths) public private(set) var factors: [Int]
  @Setting("data_format") public private(set) var dataFormat: DataFormat

  fileprivate init(_ factors: [Int], _ dataFormat: DataFormat, name: String?) {
    super.init(name: name)
    self.factors = factors
    self.dataFormat = dataFormat
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    _ = try lengths(of: input, in: context.graph)
    return try repeating(input, in: context.graph)
  }

  /// The lengths of the spatial axes of the result.
  final func lengths(of input: Value, in graph: GraphBuilder) throws(KerasError) -> [Int?] {
    let shape = graph.shape(of: input)
    try expectRank(factors.count + 2, graph.spec(of: input))
    try require(
      factors.allSatisfy((1...ConvolutionPadding.largest).contains),
      "Expected factors from 1 to \(ConvolutionPadding.largest), found \(factors).")
    var lengths: [Int?] = []
    for (axis, factor) in zip(dataFormat.spatialAxes(rank: shape.rank), factors) {
      guard let length = shape[axis] else {
        lengths.append(nil)
        continue
      }
      guard let product = checkedElementCount([length, factor]), product < 1 << 48 else {
        throw KerasError(.invalidArgument, "\(length) elements cannot be made \(factor) times as many.")
      }
      lengths.append(product)
    }
    return lengths
  }

  /// Every element as often as its axis' factor says: beside each spatial axis a new one repeats it.
  private func repeating(_ input: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    let shape = graph.shape(of: input)
    let first = dataFormat.spatialAxes(rank: shape.rank).lowerBound
    var (spread, repeated, result): ([Int?], [Int?], [Int?]) = ([], [], [])
    for axis in shape.indices {
      let factor = factors.indices.contains(axis - first) ? factors[axis - first] : 1
      spread.append(shape[axis])
      repeated.append(shape[axis])
      result.append(shape[axis].map { $0 * factor })
      if factor > 1 {
        spread.append(1)
        repeated.append(factor)
      }
    }
    let column = try graph.reshaped(input, to: Shape(spread))
    return try graph.reshaped(graph.broadcast(column, to: Shape(repeated)), to: Shape(result))
  }
}

/// Every step of a sequence several times, `[batch, steps, channels]`.
public final class UpSampling1D: UpSamplingLayer, @unchecked Sendable {
  public init(_ factor: Int = 2, name: String? = nil) {
    super.init([factor], .channelsLast, name: name)
  }

  /// Keras knows no order of axes for sequences, and writes a plain number.
  public override var config: JSONObject { ["size": .integer(factors[0])] }
}

/// A larger image, `[batch, height, width, channels]`.
///
/// ```swift
/// let x = UpSampling2D(2, interpolation: .bilinear)(features)
/// ```
public final class UpSampling2D: UpSamplingLayer, @unchecked Sendable {
  /// With `nearest`, each pixel is repeated.
  @Setting("interpolation") public private(set) var interpolation: ImageResampling

  public init(
    _ factors: Size2D = 2, dataFormat: DataFormat = .default, interpolation: ImageResampling = .nearest,
    name: String? = nil
  ) {
    super.init(factors.lengths, dataFormat, name: name)
    self.interpolation = interpolation
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    guard interpolation != .nearest else { return try super.call(input, in: context) }
    let graph = context.graph
    let dataType = graph.spec(of: input).dataType
    var x = dataType.isFloatingPoint ? input : try graph.cast(input, to: dataTypePolicy.computeType)
    let axes = dataFormat.spatialAxes(rank: graph.shape(of: x).rank)
    let wanted = Array(zip(axes, try lengths(of: x, in: graph)))
    // In TensorFlow's order, so that roundings are the same.
    for (axis, length) in interpolation == .bilinear ? wanted.reversed() : wanted {
      if let length { x = try graph.resampled(x, axis: axis, to: length, interpolation) }
    }
    // Whole numbers stay whole, and inside what their type holds.
    return dataType.isFloatingPoint ? x : try graph.cast(graph.unary(.round, x), to: dataType)
  }
}

/// A larger volume, `[batch, depth, height, width, channels]`: each element is repeated.
public final class UpSampling3D: UpSamplingLayer, @unchecked Sendable {
  public init(_ factors: Size3D = 2, dataFormat: DataFormat = .default, name: String? = nil) {
    super.init(factors.lengths, dataFormat, name: name)
  }
}

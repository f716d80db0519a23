import KerasGraph

/// ``Cropping1D``, ``Cropping2D`` and ``Cropping3D``: the inside of the spatial axes.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`.
/// - Output: the same, shorter.
public final class Cropping<Size: SpatialSize>: Layer, @unchecked Sendable {
  /// How much goes before and after each spatial axis.
  @Setting("cropping", .amounts) public private(set) var cropping: [AxisPadding]
  /// Keras knows no order of axes for sequences.
  @Setting("data_format", DataFormat.settingCodec.omitting { _ in Size.rank == 1 })
  public private(set) var dataFormat: DataFormat

  init(_ cropping: [AxisPadding], _ dataFormat: DataFormat = .channelsLast, name: String?) {
    super.init(name: name)
    self.cropping = cropping
    self.dataFormat = dataFormat
  }

  package override class var ownName: String { "Cropping\(Size.rank)D" }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let shape = graph.shape(of: input)
    try expectRank(cropping.count + 2, graph.spec(of: input))
    try checkAmounts(cropping, "cropping")
    var (result, starts) = (shape, shape.map { _ in 0 })
    for (axis, crop) in zip(dataFormat.spatialAxes(rank: shape.rank), cropping) {
      starts[axis] = crop.before
      guard let length = shape[axis] else { continue }
      try require(
        crop.before + crop.after < length, .shapeMismatch,
        "Cropping \(crop) leaves nothing of \(length) elements along axis \(axis) of \(shape).")
      result[axis] = length - crop.before - crop.after
    }
    guard shape.known != nil, let lengths = result.known else {
      return graph.placeholder(TensorSpec(result, graph.spec(of: input).dataType))
    }
    return try graph.slice(input, starts: starts, ends: zip(starts, lengths).map { $0 + $1 })
  }
}

/// A sequence, `[batch, steps, channels]`, without some steps at its ends.
public typealias Cropping1D = Cropping<Int>

extension Cropping where Size == Int {
  /// - Parameter steps: how many go before and after.
  public convenience init(steps: AxisPadding, name: String? = nil) { self.init([steps], name: name) }

  /// As many before as after.
  public convenience init(_ amount: Int = 1, name: String? = nil) {
    self.init(steps: AxisPadding(amount, amount), name: name)
  }
}

/// An image, `[batch, height, width, channels]`, without its borders.
public typealias Cropping2D = Cropping<Size2D>

extension Cropping where Size == Size2D {
  /// - Parameters: rows that go above and below, columns left and right.
  public convenience init(
    vertical: AxisPadding = .none, horizontal: AxisPadding = .none, dataFormat: DataFormat = .default,
    name: String? = nil
  ) {
    self.init([vertical, horizontal], dataFormat, name: name)
  }

  /// The same number of rows and columns on all four sides.
  public convenience init(_ amount: Int, dataFormat: DataFormat = .default, name: String? = nil) {
    let both = AxisPadding(amount, amount)
    self.init([both, both], dataFormat, name: name)
  }
}

/// A volume, `[batch, depth, height, width, channels]`, without its borders.
public typealias Cropping3D = Cropping<Size3D>

extension Cropping where Size == Size3D {
  public convenience init(
    depth: AxisPadding, vertical: AxisPadding, horizontal: AxisPadding,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    self.init([depth, vertical, horizontal], dataFormat, name: name)
  }

  /// The same number on all six sides.
  public convenience init(_ amount: Int = 1, dataFormat: DataFormat = .default, name: String? = nil) {
    let both = AxisPadding(amount, amount)
    self.init([both, both, both], dataFormat, name: name)
  }
}

import KerasGraph

/// ``ZeroPadding1D``, ``ZeroPadding2D`` and ``ZeroPadding3D``: zeros around the spatial axes.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`.
/// - Output: the same, longer.
public final class ZeroPadding<Size: SpatialSize>: Layer, @unchecked Sendable {
  /// Before and after each spatial axis.
  @Setting("padding", .amounts) public private(set) var padding: [AxisPadding]
  @Setting("data_format") public private(set) var dataFormat: DataFormat

  init(padding: [AxisPadding], dataFormat: DataFormat, name: String?) {
    super.init(name: name)
    self.padding = padding
    self.dataFormat = dataFormat
  }

  /// As many zeros on all sides.
  public convenience init(_ amount: Int = 1, dataFormat: DataFormat = .default, name: String? = nil) {
    let both = AxisPadding(amount, amount)
    self.init(padding: [AxisPadding](repeating: both, count: Size.rank), dataFormat: dataFormat, name: name)
  }

  package override class var ownName: String { "ZeroPadding\(Size.rank)D" }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let rank = padding.count + 2
    try expectRank(rank, context.graph.spec(of: input))
    try checkAmounts(padding, "padding")
    var amounts = [AxisPadding](repeating: .none, count: rank)
    amounts.replaceSubrange(dataFormat.spatialAxes(rank: rank), with: padding)
    return try context.graph.pad(input, amounts)
  }
}

/// Zeros before and after a sequence, `[batch, steps, channels]`.
public typealias ZeroPadding1D = ZeroPadding<Int>

extension ZeroPadding where Size == Int {
  /// - Parameter steps: before and after.
  public convenience init(steps: AxisPadding, dataFormat: DataFormat = .default, name: String? = nil) {
    self.init(padding: [steps], dataFormat: dataFormat, name: name)
  }
}

/// Zeros around an image, `[batch, height, width, channels]`.
public typealias ZeroPadding2D = ZeroPadding<Size2D>

extension ZeroPadding where Size == Size2D {
  /// - Parameters: rows above and below, columns left and right.
  public convenience init(
    vertical: AxisPadding, horizontal: AxisPadding, dataFormat: DataFormat = .default,
    name: String? = nil
  ) {
    self.init(padding: [vertical, horizontal], dataFormat: dataFormat, name: name)
  }
}

/// Zeros around a volume, `[batch, depth, height, width, channels]`.
public typealias ZeroPadding3D = ZeroPadding<Size3D>

extension ZeroPadding where Size == Size3D {
  public convenience init(
    depth: AxisPadding, vertical: AxisPadding, horizontal: AxisPadding,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    self.init(padding: [depth, vertical, horizontal], dataFormat: dataFormat, name: name)
  }
}

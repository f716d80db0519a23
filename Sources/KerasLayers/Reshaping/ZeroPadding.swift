import KerasGraph

/// What ``ZeroPadding1D``, ``ZeroPadding2D`` and ``ZeroPadding3D`` share: zeros around the spatial axes.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`.
/// - Output: the same, longer.
public class ZeroPaddingLayer: Layer, @unchecked Sendable {
  /// Before and after each spatial axis.
  public let padding: [AxisPadding]
  public let dataFormat: DataFormat

  init(padding: [AxisPadding], dataFormat: DataFormat, name: String?) {
    self.padding = padding
    self.dataFormat = dataFormat
    super.init(name: name)
  }

  init(_ settings: Configuration, rank: Int) throws(KerasError) {
    padding = try settings.axisAmounts("padding", rank: rank, default: 1)
    dataFormat = try settings.dataFormat("data_format")
    super.init(name: settings.name)
  }

  public final override var config: JSONObject {
    ["padding": JSON(padding), "data_format": dataFormat.json]
  }

  public final override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let rank = padding.count + 2
    try expectRank(rank, context.graph.spec(of: input))
    try checkAmounts(padding, "padding")
    var amounts = [AxisPadding](repeating: .none, count: rank)
    amounts.replaceSubrange(dataFormat.spatialAxes(rank: rank), with: padding)
    return try context.graph.pad(input, amounts)
  }
}

/// Zeros before and after a sequence, `[batch, steps, channels]`.
public final class ZeroPadding1D: ZeroPaddingLayer, @unchecked Sendable {
  /// - Parameter steps: before and after.
  public init(steps: AxisPadding, dataFormat: DataFormat = .default, name: String? = nil) {
    super.init(padding: [steps], dataFormat: dataFormat, name: name)
  }

  /// As many before as after.
  public convenience init(_ amount: Int = 1, dataFormat: DataFormat = .default, name: String? = nil) {
    self.init(steps: AxisPadding(amount, amount), dataFormat: dataFormat, name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(settings, rank: 1) }
}

/// Zeros around an image, `[batch, height, width, channels]`.
public final class ZeroPadding2D: ZeroPaddingLayer, @unchecked Sendable {
  /// - Parameters: rows above and below, columns left and right.
  public init(
    vertical: AxisPadding, horizontal: AxisPadding, dataFormat: DataFormat = .default,
    name: String? = nil
  ) {
    super.init(padding: [vertical, horizontal], dataFormat: dataFormat, name: name)
  }

  /// The same number of rows and columns on all four sides.
  public convenience init(_ amount: Int = 1, dataFormat: DataFormat = .default, name: String? = nil) {
    let both = AxisPadding(amount, amount)
    self.init(vertical: both, horizontal: both, dataFormat: dataFormat, name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(settings, rank: 2) }
}

/// Zeros around a volume, `[batch, depth, height, width, channels]`.
public final class ZeroPadding3D: ZeroPaddingLayer, @unchecked Sendable {
  public init(
    depth: AxisPadding, vertical: AxisPadding, horizontal: AxisPadding,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(padding: [depth, vertical, horizontal], dataFormat: dataFormat, name: name)
  }

  /// The same number on all six sides.
  public convenience init(_ amount: Int = 1, dataFormat: DataFormat = .default, name: String? = nil) {
    let both = AxisPadding(amount, amount)
    self.init(depth: both, vertical: both, horizontal: both, dataFormat: dataFormat, name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(settings, rank: 3) }
}

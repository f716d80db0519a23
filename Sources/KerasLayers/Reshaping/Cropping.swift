import KerasGraph

/// What ``Cropping1D``, ``Cropping2D`` and ``Cropping3D`` share: the inside of the spatial axes.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`.
/// - Output: the same, shorter.
public class CroppingLayer: Layer, @unchecked Sendable {
  /// How much goes before and after each spatial axis.
  public let cropping: [AxisPadding]
  public let dataFormat: DataFormat

  init(cropping: [AxisPadding], dataFormat: DataFormat, name: String?) {
    self.cropping = cropping
    self.dataFormat = dataFormat
    super.init(name: name)
  }

  init(_ settings: Configuration, rank: Int, default standard: Int) throws(KerasError) {
    cropping = try settings.axisAmounts("cropping", rank: rank, default: standard)
    // Keras knows no order of axes for sequences.
    dataFormat = try settings.dataFormat("data_format", default: rank == 1 ? .channelsLast : .default)
    super.init(name: settings.name)
  }

  public override var config: JSONObject {
    ["cropping": JSON(cropping), "data_format": dataFormat.json]
  }

  public final override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let shape = graph.shape(of: input)
    try expectRank(cropping.count + 2, graph.spec(of: input))
    try checkAmounts(cropping, "cropping")
    var (result, starts) = (shape, shape.map { _ in 0 })
    for (axis, crop) in zip(dataFormat.spatialAxes(rank: shape.rank), cropping) {
      starts[axis] = crop.before
      guard let length = shape[axis] else { continue }
      guard crop.before + crop.after < length else {
        throw KerasError(
          .shapeMismatch,
          "Cropping \(crop) leaves nothing of \(length) elements along axis \(axis) of \(shape).")
      }
      result[axis] = length - crop.before - crop.after
    }
    guard shape.known != nil, let lengths = result.known else {
      return graph.placeholder(TensorSpec(result, graph.spec(of: input).dataType))
    }
    return try graph.slice(input, starts: starts, ends: zip(starts, lengths).map { $0 + $1 })
  }
}

/// A sequence, `[batch, steps, channels]`, without some steps at its ends.
public final class Cropping1D: CroppingLayer, @unchecked Sendable {
  /// - Parameter steps: how many go before and after.
  public init(steps: AxisPadding, name: String? = nil) {
    super.init(cropping: [steps], dataFormat: .channelsLast, name: name)
  }

  /// As many before as after.
  public convenience init(_ amount: Int = 1, name: String? = nil) {
    self.init(steps: AxisPadding(amount, amount), name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) {
    try super.init(settings, rank: 1, default: 1)
  }

  /// Keras knows no order of axes for sequences.
  public override var config: JSONObject { ["cropping": JSON(cropping)] }
}

/// An image, `[batch, height, width, channels]`, without its borders.
public final class Cropping2D: CroppingLayer, @unchecked Sendable {
  /// - Parameters: rows that go above and below, columns left and right.
  public init(
    vertical: AxisPadding = .none, horizontal: AxisPadding = .none, dataFormat: DataFormat = .default,
    name: String? = nil
  ) {
    super.init(cropping: [vertical, horizontal], dataFormat: dataFormat, name: name)
  }

  /// The same number of rows and columns on all four sides.
  public convenience init(_ amount: Int, dataFormat: DataFormat = .default, name: String? = nil) {
    let both = AxisPadding(amount, amount)
    self.init(vertical: both, horizontal: both, dataFormat: dataFormat, name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) {
    try super.init(settings, rank: 2, default: 0)
  }
}

/// A volume, `[batch, depth, height, width, channels]`, without its borders.
public final class Cropping3D: CroppingLayer, @unchecked Sendable {
  public init(
    depth: AxisPadding, vertical: AxisPadding, horizontal: AxisPadding,
    dataFormat: DataFormat = .default, name: String? = nil
  ) {
    super.init(cropping: [depth, vertical, horizontal], dataFormat: dataFormat, name: name)
  }

  /// The same number on all six sides.
  public convenience init(_ amount: Int = 1, dataFormat: DataFormat = .default, name: String? = nil) {
    let both = AxisPadding(amount, amount)
    self.init(depth: both, vertical: both, horizontal: both, dataFormat: dataFormat, name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) {
    try super.init(settings, rank: 3, default: 1)
  }
}

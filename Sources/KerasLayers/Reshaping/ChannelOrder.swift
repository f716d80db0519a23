import KerasGraph

/// Where channels stand in `[batch, …]`. Raw values are Keras'.
///
/// Computation is always channels-last: layers with another order transpose at their edges, and a pass cancels
/// transpositions that meet.
public enum DataFormat: String, Hashable, Sendable, CaseIterable {
  /// `[batch, spatial…, channels]`
  case channelsLast = "channels_last"
  /// `[batch, channels, spatial…]`
  case channelsFirst = "channels_first"

  /// The axis of the channels; negative ones are counted from the back.
  public var channelAxis: Int { self == .channelsLast ? -1 : 1 }

  /// The spatial axes of a tensor of `rank` axes.
  public func spatialAxes(rank: Int) -> Range<Int> {
    let first = self == .channelsLast ? 1 : 2
    return first..<max(first, self == .channelsLast ? rank - 1 : rank)
  }

  package var json: JSON { .string(rawValue) }
}

extension GraphBuilder {
  /// `x`, whose channels stand where `format` says, with the channels last.
  public func channelsLast(_ x: Value, _ format: DataFormat) throws(KerasError) -> Value {
    let rank = shape(of: x).rank
    guard format == .channelsFirst, rank > 2 else { return x }
    return try transpose(x, [0] + Array(2..<rank) + [1])
  }

  /// The opposite of ``channelsLast(_:_:)``: `y`, whose channels are last, with the channels where `format` says.
  public func restoringChannels(_ y: Value, _ format: DataFormat) throws(KerasError) -> Value {
    let rank = shape(of: y).rank
    guard format == .channelsFirst, rank > 2 else { return y }
    return try transpose(y, [0, rank - 1] + Array(1..<rank - 1))
  }
}

extension Configuration {
  /// The order of axes: missing, null and `default` mean channels last; Keras 1 said `tf` and `th`.
  public func dataFormat(_ key: String) throws(KerasError) -> DataFormat {
    switch try string(key)?.lowercased() {
    case nil, "default", "tf", "channels_last": return .channelsLast
    case "th", "channels_first": return .channelsFirst
    case let other?: throw wrong(key, "channels_last or channels_first", .string(other))
    }
  }
}

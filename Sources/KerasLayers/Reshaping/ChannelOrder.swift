import KerasGraph

/// Computation is always channels-last: layers with another order transpose at their edges, and a pass cancels
/// transpositions that meet.
extension DataFormat {
  /// What layers take that are given none: ``Session/imageDataFormat``.
  public static var `default`: DataFormat { Session.current.imageDataFormat }

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
  /// The order of axes: missing, null and `default` mean that of the session; Keras 1 said `tf` and `th`.
  public func dataFormat(
    _ key: String, default standard: DataFormat = .default
  ) throws(KerasError) -> DataFormat {
    try dataFormat(key) ?? standard
  }

  func dataFormat(_ key: String) throws(KerasError) -> DataFormat? {
    switch try string(key)?.lowercased() {
    case nil, "default": return nil
    case "tf", "channels_last": return .channelsLast
    case "th", "channels_first": return .channelsFirst
    case let other?: throw wrong(key, "channels_last or channels_first", .string(other))
    }
  }
}

extension DataFormat: SettingValue {
  public static var settingCodec: SettingCodec<DataFormat> {
    SettingCodec({ settings in { (key) throws(KerasError) in try settings.dataFormat(key) } }, \.json)
  }
}

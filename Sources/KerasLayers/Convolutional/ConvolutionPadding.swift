import KerasGraph

/// What stands around an image whose border a window reaches over. Raw values are Keras'.
public enum ConvolutionPadding: String, Hashable, Sendable, CaseIterable {
  /// Nothing: windows stay inside.
  case valid
  /// As much as gives `⌈length / stride⌉` positions, the odd row or column at the end.
  case same
  /// So much before the first step that no window sees the future. ``Conv1D`` and ``SeparableConv1D`` only.
  case causal

  /// Far beyond any image, and small enough to multiply without overflow.
  static let largest = 1 << 24

  /// The padding of each spatial axis of `shape`, `[batch, spatial…, channels]`.
  ///
  /// Where a length is unknown the padding is, too; any will do then, because only shapes are asked for and
  /// the padding does not change which of them are unknown.
  ///
  /// - Throws: `invalidArgument` for windows that cannot slide.
  package func amounts(
    for shape: Shape, size: [Int], strides: [Int], dilations: [Int]
  ) throws(KerasError) -> [AxisPadding] {
    try Self.check(size: size, strides: strides, dilations: dilations)
    return try size.indices.map { (axis) throws(KerasError) in
      switch self {
      case .valid: return .none
      case .causal: return AxisPadding((size[axis] - 1) * dilations[axis], 0)
      case .same:
        return try Self.sameAmount(
          length: shape[axis + 1] ?? 1, size: size[axis], stride: strides[axis], dilation: dilations[axis])
      }
    }
  }

  /// The padding of one axis of `length` for ``same``.
  static func sameAmount(
    length: Int, size: Int, stride: Int, dilation: Int
  ) throws(KerasError) -> AxisPadding {
    // Longer axes would overflow, and no tensor has one.
    try require((0..<1 << 48).contains(length), "A window cannot slide over \(length) elements.")
    return Window.samePadding(length: length, size: size, stride: stride, dilation: dilation)
  }

  static func check(size: [Int], strides: [Int], dilations: [Int]) throws(KerasError) {
    try require(
      (size + strides + dilations).allSatisfy((1...largest).contains),
      "Expected window sizes, strides and dilations from 1 to \(largest), found "
        + "\(size), \(strides) and \(dilations).")
  }
}

/// In whatever case.
extension ConvolutionPadding: SettingValue {
  public static var settingCodec: SettingCodec<ConvolutionPadding> { codec(allowsCausal: false) }

  /// - Parameter allowsCausal: whether `causal` makes sense.
  static func codec(allowsCausal: Bool) -> SettingCodec<ConvolutionPadding> {
    SettingCodec(
      { settings in
        { (key) throws(KerasError) in
          guard let text = try settings.string(key) else { return nil }
          let padding = ConvolutionPadding(rawValue: text.lowercased())
          guard let padding, allowsCausal || padding != .causal else {
            throw settings.wrong(key, allowsCausal ? "valid, same or causal" : "valid or same", .string(text))
          }
          return padding
        }
      }, { .string($0.rawValue) })
  }
}

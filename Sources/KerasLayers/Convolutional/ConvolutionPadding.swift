import KerasGraph

/// What stands around an image whose border a window reaches over. Raw values are Keras'.
public enum ConvolutionPadding: String, Hashable, Sendable, CaseIterable {
  /// Nothing: windows stay inside.
  case valid
  /// As much as gives `⌈length / stride⌉` positions, the odd row or column at the end.
  case same

  /// Far beyond any image, and small enough to multiply without overflow.
  static let largest = 1 << 24

  /// The padding of each spatial axis of `shape`, `[batch, spatial…, channels]`.
  ///
  /// Where a length is unknown the padding is, too; any will do then, because only shapes are asked for and
  /// the padding does not change which of them are unknown.
  ///
  /// - Throws: `invalidArgument` for windows that cannot slide.
  func amounts(
    for shape: Shape, size: [Int], strides: [Int], dilations: [Int]
  ) throws(KerasError) -> [AxisPadding] {
    guard (size + strides + dilations).allSatisfy((1...Self.largest).contains) else {
      throw KerasError(
        .invalidArgument,
        "Expected window sizes, strides and dilations from 1 to \(Self.largest), found "
          + "\(size), \(strides) and \(dilations).")
    }
    return size.indices.map { axis in
      guard self == .same else { return .none }
      return Window.samePadding(
        length: shape[axis + 1] ?? 1, size: size[axis], stride: strides[axis], dilation: dilations[axis])
    }
  }
}

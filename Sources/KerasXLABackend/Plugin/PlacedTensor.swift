import KerasGraph

/// A tensor on every device of an ``XLADevice``: whole on each, or its rows split between them.
struct PlacedTensor: Sendable {
  /// One for each device.
  let parts: [DeviceBuffer]

  /// Whether a run has used it up.
  var isDeleted: Bool { parts.contains(where: \.isDeleted) }

  /// Waits until it is computed, and copies it here. It must be whole on each device.
  func download() throws(KerasError) -> Tensor { try parts[0].download() }
}

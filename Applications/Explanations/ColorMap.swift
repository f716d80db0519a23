/// Colours for numbers of 0…1 that grow evenly brighter, also in grey and to people who see few colours.
///
/// Those of matplotlib (Smith and van der Walt, 2015), straight between nine of their colours.
public enum ColorMap: String, Hashable, Sendable, CaseIterable {
  /// From violet over green to yellow.
  case viridis
  /// From black over red to pale yellow.
  case inferno

  private var corners: [UInt32] {
    switch self {
    case .viridis:
      [0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21908C, 0x27AD81, 0x5DC863, 0xAADC32, 0xFDE725]
    case .inferno:
      [0x000004, 0x210C4A, 0x56106E, 0x89226A, 0xBB3754, 0xE35932, 0xF98C0A, 0xF9C932, 0xFCFFA4]
    }
  }

  /// Red, green and blue, 0…255, for a number; what is outside 0…1 gets the colour of the end.
  public func color(at value: Float) -> [UInt8] {
    let corners = corners
    let position = min(max(value.isNaN ? 0 : value, 0), 1) * Float(corners.count - 1)
    let first = min(Int(position), corners.count - 2)
    return [16, 8, 0].map { (shift: UInt32) in
      let (low, high) = (Float(corners[first] >> shift & 255), Float(corners[first + 1] >> shift & 255))
      return UInt8((low + (high - low) * (position - Float(first))).rounded())
    }
  }

  /// The colours of 256 values.
  var table: [[UInt8]] { (0...255).map { color(at: Float($0) / 255) } }
}

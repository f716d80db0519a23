import KerasGraph

/// Colours in other words, with the numbers of TensorFlow. Channels are the last axis.
extension RecordedValue {
  /// Hue, saturation (both 0 to 1) and value (as bright as the pictures) of red, green and blue.
  package func hueSaturationValue() -> [RecordedValue] {
    let (red, green, blue) = (element(0, axis: -1), element(1, axis: -1), element(2, axis: -1))
    let value = red.combined(.maximum, with: green).combined(.maximum, with: blue)
    let range = value - red.combined(.minimum, with: green).combined(.minimum, with: blue)
    let saturation = (range / value.kept(where: value .> 0, else: 1)).kept(where: value .> 0, else: 0)
    let isColored = range .> 0
    let unit = 1 / (6 * range.kept(where: isColored, else: 1))
    let hue = (unit * (green - blue)).kept(
      where: red .== value,
      else: (unit * (blue - red) + 2.0 / 6).kept(
        where: green .== value, else: unit * (red - green) + 4.0 / 6)
    ).kept(where: isColored, else: 0)
    return [(hue + 1).kept(where: hue .< 0, else: hue), saturation, value]
  }

  /// Red, green and blue.
  package static func colors(
    hue: RecordedValue, saturation: RecordedValue, value: RecordedValue
  ) -> RecordedValue {
    let angle = hue * 6
    let shares = [
      (angle - 3).applying(.absolute) - 1, 2 - (angle - 2).applying(.absolute),
      2 - (angle - 4).applying(.absolute),
    ]
    return joined(
      shares.map { (1 - saturation + saturation * $0.clipped(0, 1)) * value }, axis: -1, in: hue.graph)
  }

  /// How bright each pixel is; pictures of one channel stay.
  package func grayscale() -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      let spec = try spec
      switch spec.shape.last {
      case 1: return try value
      case 3, .some(nil):
        let sum =
          element(0, axis: -1) * 0.2989 + element(1, axis: -1) * 0.5870 + element(2, axis: -1) * 0.1140
        return try sum.value
      default:
        throw KerasError(.shapeMismatch, "Only pictures of one or three channels have a gray, found \(spec).")
      }
    }
  }

  /// - Throws: `shapeMismatch` for other pictures than of three channels.
  package func requireColors(_ name: String) throws(KerasError) {
    let spec = try spec
    try require(
      spec.shape.last.map { $0 ?? 3 } == 3, .shapeMismatch,
      "\(name) takes pictures of three channels, found \(spec).")
  }
}

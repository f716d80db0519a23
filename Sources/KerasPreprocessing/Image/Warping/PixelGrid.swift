import Glibc
import KerasCore

/// The numbers of one picture, `[height, width, channels]`.
struct PixelGrid {
  var height: Int
  var width: Int
  var channels: Int
  var values: [Float]

  init(height: Int, width: Int, channels: Int, values: [Float]) {
    (self.height, self.width, self.channels, self.values) = (height, width, channels, values)
  }

  /// - Throws: `shapeMismatch` for anything but one picture.
  init(_ tensor: Tensor, _ dataFormat: DataFormat) throws(KerasError) {
    let lengths = tensor.shape
    guard lengths.count == 3, lengths.allSatisfy({ $0 > 0 }) else {
      throw KerasError(
        .shapeMismatch, "Expected one picture, \(dataFormat.shapeInWords), found shape \(lengths).")
    }
    let numbers: [Float] = tensor.scalars()
    guard dataFormat == .channelsFirst else {
      self.init(height: lengths[0], width: lengths[1], channels: lengths[2], values: numbers)
      return
    }
    let (channels, plane) = (lengths[0], lengths[1] * lengths[2])
    var values = numbers
    for i in 0..<plane { for c in 0..<channels { values[i * channels + c] = numbers[c * plane + i] } }
    self.init(height: lengths[1], width: lengths[2], channels: channels, values: values)
  }

  init(_ image: Image) {
    self.init(
      height: image.height, width: image.width, channels: image.mode.channelCount,
      values: image.tensor().scalars())
  }

  /// Writes the numbers in an order of axes.
  func write(to output: UnsafeMutableBufferPointer<Float>, _ dataFormat: DataFormat) {
    guard dataFormat == .channelsFirst else {
      for i in values.indices { output[i] = values[i] }
      return
    }
    let plane = height * width
    for i in 0..<plane { for c in 0..<channels { output[c * plane + i] = values[i * channels + c] } }
  }

  func shape(_ dataFormat: DataFormat) -> [Int] {
    dataFormat == .channelsLast ? [height, width, channels] : [channels, height, width]
  }

  func tensor(_ dataFormat: DataFormat) -> Tensor {
    Tensor(uninitialized: shape(dataFormat), Float.self) { write(to: $0, dataFormat) }
  }

  /// The picture as if it lay on the other side of the paper.
  mutating func flip(horizontally: Bool, vertically: Bool) {
    guard horizontally || vertically else { return }
    let old = values
    for y in 0..<height {
      let row = vertically ? height - 1 - y : y
      for x in 0..<width {
        let column = horizontally ? width - 1 - x : x
        for c in 0..<channels {
          values[(y * width + x) * channels + c] = old[(row * width + column) * channels + c]
        }
      }
    }
  }

  /// Adds to all, and stays between the picture's own extremes.
  mutating func shiftChannels(by amount: Double) {
    guard let low = values.min(), let high = values.max() else { return }
    for i in values.indices { values[i] = min(max(values[i] + Float(amount), low), high) }
  }

  /// Multiplies the brightness of the picture in eight bits, as Pillow's `ImageEnhance.Brightness`; opacity stays.
  ///
  /// - Parameter stretches: whether to stretch the numbers to 0…255 first; those outside always are, and are put back
  ///   into their range.
  mutating func brighten(by factor: Double, stretches: Bool) throws(KerasError) {
    try require(
      Float(factor).isFinite, "Brightness is multiplied by a finite number, found \(factor).")
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let isOutside = low < 0 || high > 255
    let image = try Image(tensor: tensor(.channelsLast), scale: isOutside || stretches)
    let factor = Float(factor)
    let isWithin = (0...1).contains(factor)
    for (i, pixel) in image.pixels.enumerated() where channels != 4 || i % 4 != 3 {
      let bright = factor * Float(pixel)
      // Pillow cuts fractions off.
      values[i] = isWithin ? Float(UInt8(bright)) : Float(UInt8(min(max(bright, 0), 255)))
    }
    if channels == 4 {
      for i in stride(from: 3, to: values.count, by: 4) { values[i] = Float(image.pixels[i]) }
    }
    if isOutside, !stretches { for i in values.indices { values[i] = values[i] / 255 * (high - low) + low } }
  }
}

func sine(_ x: Double) -> Double { sin(x) }
func cosine(_ x: Double) -> Double { cos(x) }

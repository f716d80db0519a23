import KerasCore

extension PixelGrid {
  /// A picture in another size, in single precision, with the numbers of `tf.image.resize` without antialiasing.
  ///
  /// - Parameter window: the rows and columns that are looked at; the rest does not count.
  init(
    _ image: Image, resizedTo size: ImageSize, _ interpolation: PictureInterpolation,
    rows window: Range<Int>, columns: Range<Int>
  ) {
    let (channels, stride) = (image.mode.channelCount, image.mode.bytesPerPixel)
    let across = Self.taps(interpolation, from: columns.count, to: size.width)
    let down = Self.taps(interpolation, from: window.count, to: size.height)
    let rowCount = size.width * channels
    self.init(height: size.height, width: size.width, channels: channels, values: [])
    values = [Float](unsafeUninitializedCapacity: size.height * rowCount) { output, count in
      // Source rows resized along their length, as long as they are needed; rows are needed in order.
      var ready: [(row: Int, values: [Float])] = []
      func line(_ row: Int) -> [Float] {
        if let known = ready.first(where: { $0.row == row }) { return known.values }
        let values = image.pixels.withUnsafeBufferPointer { pixels in
          Self.resized(
            pixels, from: ((row + window.lowerBound) * image.width + columns.lowerBound) * stride, across,
            channels: channels, isWide: stride != channels, isLinear: interpolation == .bilinear)
        }
        ready.append((row, values))
        return values
      }
      for y in 0..<size.height {
        let taps = down[y]
        ready.removeAll { $0.row < taps.start }
        let target = y * rowCount
        if interpolation == .bilinear, taps.weights.count == 2 {
          let (top, bottom, share) = (line(taps.start), line(taps.start + 1), taps.weights[1])
          for i in 0..<rowCount { output[target + i] = top[i] + (bottom[i] - top[i]) * share }
        } else {
          for (offset, weight) in taps.weights.enumerated() {
            let values = line(taps.start + offset)
            if offset == 0 {
              for i in 0..<rowCount { output[target + i] = values[i] * weight }
            } else {
              for i in 0..<rowCount { output[target + i] += values[i] * weight }
            }
          }
        }
      }
      count = size.height * rowCount
    }
  }

  private static func taps(
    _ interpolation: PictureInterpolation, from length: Int, to newLength: Int
  ) -> [ImageResampling.Taps] {
    interpolation.taps(from: length, to: newLength, antialiases: false)
  }

  /// One row of pixels resized along its length.
  private static func resized(
    _ pixels: UnsafeBufferPointer<UInt8>, from start: Int, _ taps: [ImageResampling.Taps], channels: Int,
    isWide: Bool, isLinear: Bool
  ) -> [Float] {
    func value(_ pixel: Int, _ channel: Int) -> Float {
      guard isWide else { return Float(pixels[start + pixel * channels + channel]) }
      let place = start + 2 * (pixel * channels + channel)
      return Float(UInt16(pixels[place]) | UInt16(pixels[place + 1]) << 8)
    }
    return [Float](unsafeUninitializedCapacity: taps.count * channels) { output, count in
      for (x, tap) in taps.enumerated() {
        for channel in 0..<channels {
          let place = x * channels + channel
          if isLinear, tap.weights.count == 2 {
            let (left, right) = (value(tap.start, channel), value(tap.start + 1, channel))
            output[place] = left + (right - left) * tap.weights[1]
          } else {
            var sum: Float = 0
            for (offset, weight) in tap.weights.enumerated() {
              sum += value(tap.start + offset, channel) * weight
            }
            output[place] = sum
          }
        }
      }
      count = taps.count * channels
    }
  }
}

import KerasCore

extension Image {
  /// `keras.utils.img_to_array`: a float32 tensor `[height, width, channels]`, or `[channels, height, width]`,
  /// of 0…255 (0…65535 for 16-bit grey).
  public func tensor(dataFormat: DataFormat = .channelsLast) -> Tensor {
    let channels = mode.channelCount
    let shape = dataFormat == .channelsLast ? [height, width, channels] : [channels, height, width]
    return Tensor(uninitialized: shape, Float.self) { output in
      pixels.withUnsafeBufferPointer { input in
        func value(_ index: Int) -> Float {
          mode == .grayscale16
            ? Float(UInt16(input[2 * index]) | UInt16(input[2 * index + 1]) << 8) : Float(input[index])
        }
        let planeSize = height * width
        switch dataFormat {
        case .channelsLast:
          for i in 0..<output.count { output[i] = value(i) }
        case .channelsFirst:
          for channel in 0..<channels {
            for i in 0..<planeSize { output[channel * planeSize + i] = value(i * channels + channel) }
          }
        }
      }
    }
  }

  /// `keras.utils.array_to_img`: the picture of a tensor with one, three or four channels.
  ///
  /// - Parameters:
  ///   - tensor: `[height, width, channels]`, or `[channels, height, width]`; any type, converted to float32.
  ///   - dataFormat: which of them.
  ///   - scale: whether to stretch the values so that the smallest becomes 0 and the largest 255. Without it
  ///     fractions are cut off and values outside 0…255 wrap around, as in NumPy; one channel with values
  ///     above 255 makes 16-bit grey.
  /// - Throws: `shapeMismatch` for another shape, `invalidArgument` for grey above 65535.
  public init(
    tensor: Tensor, dataFormat: DataFormat = .channelsLast, scale: Bool = true
  ) throws(KerasError) {
    let lengths = tensor.shape
    guard lengths.count == 3, lengths.allSatisfy({ $0 > 0 }) else {
      throw KerasError(
        .shapeMismatch, "Expected a tensor of one image, \(dataFormat.shapeInWords), found shape \(lengths).",
        remedy: "take one image of a batch, and leave no axis empty.")
    }
    let isLast = dataFormat == .channelsLast
    let size = ImageSize(height: lengths[isLast ? 0 : 1], width: lengths[isLast ? 1 : 2])
    try size.requireSides(of: "an image")
    let channels = lengths[isLast ? 2 : 0]
    guard [1, 3, 4].contains(channels) else {
      throw KerasError(
        .shapeMismatch, "An image has 1, 3 or 4 channels; shape \(lengths) has \(channels).",
        remedy: "pass the data format in which the tensor is: this was read as \(dataFormat.shapeInWords).")
    }
    var values: [Float] = tensor.scalars()
    if scale { Self.stretch(&values) }
    let mode: Mode =
      channels == 4 ? .rgba : channels == 3 ? .rgb : values.contains { $0 > 255 } ? .grayscale16 : .grayscale
    let planeSize = size.pixelCount
    func value(_ index: Int) -> Float {
      isLast ? values[index] : values[index % channels * planeSize + index / channels]
    }
    if mode == .grayscale16 {
      guard values.allSatisfy({ $0 >= 0 && $0 < 65_536 }) else {
        throw KerasError(
          .invalidArgument, "Grey values above 255 make a 16-bit image, which holds 0…65535 only.",
          remedy: "pass scale: true, or clip the values.")
      }
      let pixels = (0..<planeSize).flatMap { index in
        let gray = UInt16(value(index))
        return [UInt8(truncatingIfNeeded: gray), UInt8(gray >> 8)]
      }
      self.init(uncheckedSize: size, mode: mode, pixels: pixels)
    } else {
      let pixels = (0..<values.count).map { UInt8(wrapping: value($0)) }
      self.init(uncheckedSize: size, mode: mode, pixels: pixels)
    }
  }

  /// In Keras' order of operations, in float32.
  private static func stretch(_ values: inout [Float]) {
    let smallest = values.min() ?? 0
    for i in values.indices { values[i] -= smallest }
    let largest = values.max() ?? 0
    for i in values.indices {
      if largest != 0 { values[i] /= largest }
      values[i] *= 255
    }
  }
}

extension UInt8 {
  /// NumPy's cast on x86: towards zero, then the low eight bits; what no 32-bit integer holds becomes 0.
  fileprivate init(wrapping value: Float) {
    self.init(truncatingIfNeeded: Int32(exactly: value.rounded(.towardZero)) ?? 0)
  }
}

extension DataFormat {
  var shapeInWords: String {
    self == .channelsLast ? "[height, width, channels]" : "[channels, height, width]"
  }
}

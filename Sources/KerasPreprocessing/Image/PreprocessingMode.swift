import KerasCore

extension PreprocessingMode {
  /// The values a model of this mode is fed, `preprocess_input` in Keras.
  ///
  /// - Parameters:
  ///   - tensor: RGB, 0…255, of any type: `[height, width, 3]` or `[batch, height, width, 3]`, or with the
  ///     channels before the height.
  /// - Returns: a float32 tensor of the same shape.
  /// - Throws: `shapeMismatch` when there are not three channels where they should be; `tf` and `unit` take any
  ///   number.
  public func callAsFunction(
    _ tensor: Tensor, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Tensor {
    let lengths = tensor.shape
    let channelAxis = dataFormat == .channelsLast ? lengths.count - 1 : lengths.count - 3
    let isImage = lengths.count == 3 || lengths.count == 4
    guard isImage, treatsChannelsAlike || lengths[channelAxis] == 3 else {
      throw KerasError(
        .shapeMismatch,
        "Expected RGB images, \(Self.expectation(dataFormat)), found shape \(lengths).",
        remedy: "pass the data format in which the tensor is, and convert other pictures to RGB.")
    }
    let pixels = tensor.converted(to: .float32)
    guard self != .none else { return pixels }
    if treatsChannelsAlike {
      return Tensor(uninitialized: lengths, Float.self) { output in
        pixels.withUnsafeScalars { (input: UnsafeBufferPointer<Float>) in
          for i in 0..<input.count { output[i] = value(of: input[i], 0) }
        }
      }
    }
    // Pixels stand `step` apart; the channels of one, `channelStep` apart; images or planes follow in blocks.
    let planeSize = dataFormat == .channelsLast ? 1 : lengths[channelAxis + 1] * lengths[channelAxis + 2]
    return Tensor(uninitialized: lengths, Float.self) { output in
      pixels.withUnsafeScalars { (input: UnsafeBufferPointer<Float>) in
        for channel in 0..<3 {
          let source = sourceChannel(channel)
          for block in stride(from: 0, to: input.count, by: 3 * planeSize) {
            let from = block + source * planeSize
            let to = block + channel * planeSize
            for i in 0..<planeSize { output[to + i] = value(of: input[from + i], channel) }
          }
        }
      }
    }
  }

  /// Whether pictures may have any number of channels, such as grey ones.
  package var treatsChannelsAlike: Bool {
    switch self {
    case .tf, .unit, .none: true
    case .caffe, .torch: false
    }
  }

  private static func expectation(_ dataFormat: DataFormat) -> String {
    dataFormat == .channelsLast
      ? "[height, width, 3] or [batch, height, width, 3]" : "[3, height, width] or [batch, 3, height, width]"
  }

  /// Which colour of the input (0 red, 1 green, 2 blue) stands at `channel` of the output.
  @inline(__always)
  func sourceChannel(_ channel: Int) -> Int { self == .caffe ? 2 - channel : channel }

  /// The value at `channel` of the output made of `pixel`.
  @inline(__always)
  func value(of pixel: Float, _ channel: Int) -> Float {
    switch self {
    case .caffe: pixel - Self.caffeMeans[channel]
    case .tf: pixel / 127.5 - 1
    case .torch: (pixel / 255 - Self.torchMeans[channel]) / Self.torchDeviations[channel]
    case .unit: pixel / 255
    case .none: pixel
    }
  }

  private static let caffeMeans: InlineArray<3, Float> = [103.939, 116.779, 123.68]
  private static let torchMeans: InlineArray<3, Float> = [0.485, 0.456, 0.406]
  private static let torchDeviations: InlineArray<3, Float> = [0.229, 0.224, 0.225]
}

extension Image {
  /// Writes the picture, as a model of `mode` wants it, to a part of a batch: `height · width · 3` numbers,
  /// channels last. Pictures of other modes are taken as RGB. A grey one may be written as `height · width` numbers,
  /// where the mode treats all channels alike.
  ///
  /// Equal to the last bit to converting to a tensor first; a table of 256 values for each channel makes it
  /// many times faster.
  package func write(into output: UnsafeMutableBufferPointer<Float>, mode: PreprocessingMode) {
    precondition(self.mode != .grayscale16, "16-bit grey has no preprocessing")
    if self.mode == .grayscale, output.count == pixels.count {
      precondition(mode.treatsChannelsAlike, "one channel in a mode of three")
      for (index, pixel) in pixels.enumerated() { output[index] = mode.value(of: Float(pixel), 0) }
      return
    }
    precondition(output.count == width * height * 3, "a batch slice of another size")
    let table = (0..<3).flatMap { channel in
      (0..<256).map { mode.value(of: Float($0), channel) }
    }
    let step = self.mode.channelCount
    let sources = (0..<3).map { step == 1 ? 0 : mode.sourceChannel($0) }
    pixels.withUnsafeBufferPointer { pixels in
      table.withUnsafeBufferPointer { table in
        guard let input = pixels.baseAddress, let table = table.baseAddress, let start = output.baseAddress
        else { return }
        let (first, second, third) = (sources[0], sources[1], sources[2])
        for i in 0..<width * height {
          let pixel = input + i * step
          let result = start + 3 * i
          result[0] = table[Int(pixel[first])]
          result[1] = table[256 + Int(pixel[second])]
          result[2] = table[512 + Int(pixel[third])]
        }
      }
    }
  }
}

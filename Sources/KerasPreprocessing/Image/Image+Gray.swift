extension Image {
  /// The picture's brightness in one byte a pixel, as Pillow's `convert("L")`; 16-bit grey is clipped to 255.
  public func grayscale() -> Image {
    guard mode != .grayscale else { return self }
    let count = size.pixelCount
    let grey = [UInt8](unsafeUninitializedCapacity: count) { output, initializedCount in
      pixels.withUnsafeBufferPointer { pixels in
        guard let input = pixels.baseAddress, let output = output.baseAddress else { return }
        if mode == .grayscale16 {
          // The low byte comes first.
          for i in 0..<count { output[i] = input[2 * i + 1] > 0 ? 255 : input[2 * i] }
        } else {
          ColorConversion.convert(input, mode.channelCount, to: output, 1, count: count)
        }
      }
      initializedCount = count
    }
    return Image(uncheckedSize: size, mode: .grayscale, pixels: grey)
  }
}

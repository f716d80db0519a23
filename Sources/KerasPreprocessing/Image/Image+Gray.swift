extension Image {
  /// The picture's brightness, as Pillow's `convert("L")`: one byte a pixel.
  ///
  /// 16-bit grey is left as it is.
  public func grayscale() -> Image {
    guard mode == .rgb || mode == .rgba else { return self }
    let grey = [UInt8](unsafeUninitializedCapacity: size.pixelCount) { output, count in
      pixels.withUnsafeBufferPointer { pixels in
        guard let input = pixels.baseAddress, let output = output.baseAddress else { return }
        ColorConversion.convert(input, mode.channelCount, to: output, 1, count: size.pixelCount)
        count = size.pixelCount
      }
    }
    return Image(uncheckedSize: size, mode: .grayscale, pixels: grey)
  }
}

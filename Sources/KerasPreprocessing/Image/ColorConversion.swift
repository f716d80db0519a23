/// Pillow's arithmetic for turning one kind of pixel into another, a row at a time.
enum ColorConversion {
  /// `0.299 R + 0.587 G + 0.114 B` (ITU-R 601-2) in 16-bit fixed point, rounded to nearest.
  @inline(__always)
  static func brightness(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    let sum = UInt32(red) &* 19_595 &+ UInt32(green) &* 38_470 &+ UInt32(blue) &* 7_471
    return UInt8(truncatingIfNeeded: (sum &+ 0x8000) >> 16)
  }

  /// `a · b / 255`, rounded to nearest.
  @inline(__always)
  static func scaled(_ a: UInt8, by b: UInt8) -> UInt8 {
    let product = UInt32(a) &* UInt32(b) &+ 128
    return UInt8(truncatingIfNeeded: ((product >> 8) &+ product) >> 8)
  }

  /// Between one (grey), three (RGB) and four (RGBA) channels; opacity is added as 255 or dropped.
  static func convert(
    _ input: UnsafePointer<UInt8>, _ inputChannels: Int,
    to output: UnsafeMutablePointer<UInt8>, _ outputChannels: Int, count: Int
  ) {
    for x in 0..<count {
      let pixel = input + x * inputChannels
      let result = output + x * outputChannels
      switch (inputChannels, outputChannels) {
      case (1, _):
        result[0] = pixel[0]
        if outputChannels >= 3 {
          result[1] = pixel[0]
          result[2] = pixel[0]
        }
      case (_, 1):
        result[0] = brightness(pixel[0], pixel[1], pixel[2])
      default:
        result[0] = pixel[0]
        result[1] = pixel[1]
        result[2] = pixel[2]
      }
      if outputChannels == 4 { result[3] = inputChannels == 4 ? pixel[3] : 255 }
    }
  }

  /// Turns CMYK as Adobe stores it (0 is full ink) into RGB, in place: three bytes for every four.
  static func invertedCMYKToRGB(_ row: UnsafeMutablePointer<UInt8>, count: Int) {
    for x in 0..<count {
      let pixel = row + 4 * x
      let light = pixel[3]
      for channel in 0..<3 {
        row[3 * x + channel] = light - scaled(~pixel[channel], by: light)
      }
    }
  }

  /// Multiplies colours by opacity, as Pillow does before it resizes.
  static func premultiply(_ row: UnsafeMutablePointer<UInt8>, count: Int) {
    for x in 0..<count {
      let pixel = row + 4 * x
      for channel in 0..<3 { pixel[channel] = scaled(pixel[channel], by: pixel[3]) }
    }
  }

  /// Divides colours by opacity again; where a pixel is wholly transparent or opaque they stay.
  static func unpremultiply(_ pixels: UnsafeMutablePointer<UInt8>, count: Int) {
    for x in 0..<count {
      let pixel = pixels + 4 * x
      let alpha = UInt32(pixel[3])
      if alpha == 0 || alpha == 255 { continue }
      for channel in 0..<3 { pixel[channel] = UInt8(min(255, 255 * UInt32(pixel[channel]) / alpha)) }
    }
  }
}

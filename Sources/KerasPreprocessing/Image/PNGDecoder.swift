import CPNG
import KerasCore

/// Reads PNG files by libpng and gives pixels the meaning Pillow gives them.
///
/// - Grey of 1, 2 and 4 bits is stretched to 0…255.
/// - 16-bit colours keep their high byte. 16-bit grey stays as it is for `grayscale`, and is clipped to 255
///   for `rgb` and `rgba`.
/// - A transparent grey or colour is compared by its low byte with the 8-bit pixel: right for 8-bit files,
///   and what Keras' users get for the others.
/// - Palette entries that are missing are black; gamma and colour profiles are not applied.
///
/// Unlike Pillow, which skips the checksums of pixel data, it refuses a chunk with a wrong one.
final class PNGDecoder: ImageDecoder {
  private let reader: OpaquePointer
  private let chunks: PNGChunks
  private let byteCount: Int

  init(_ bytes: UnsafeRawBufferPointer) throws(KerasError) {
    chunks = try PNGChunks(bytes)
    byteCount = bytes.count
    guard let start = bytes.bindMemory(to: UInt8.self).baseAddress,
      let reader = keras_png_reader_make(start, bytes.count)
    else { throw KerasError(.libraryFailure, "There is no memory for a PNG decoder.") }
    self.reader = reader
  }

  deinit { keras_png_reader_free(reader) }

  var size: ImageSize { chunks.size }
  var orientation: Orientation { chunks.orientation }

  var ownColors: ColorMode {
    switch chunks.colorType {
    case _ where chunks.transparency != nil: .rgba
    case .grayAlpha, .rgba: .rgba
    case .gray: .grayscale
    case .rgb, .palette: .rgb
    }
  }

  func mode(for colorMode: ColorMode) -> Image.Mode {
    switch colorMode {
    case .grayscale: chunks.colorType == .gray && chunks.bitDepth == 16 ? .grayscale16 : .grayscale
    case .rgb: .rgb
    case .rgba: .rgba
    }
  }

  func decodeRows(
    as mode: Image.Mode, _ body: (_ row: UnsafeMutablePointer<UInt8>, _ y: Int) -> Void
  ) throws(KerasError) {
    let converter = try PNGRowConverter(chunks, to: mode)
    try check(keras_png_start(reader))
    let stride = keras_png_row_byte_count(reader)
    // The rows of an interlaced picture are complete only at its end.
    let storedRows = chunks.isInterlaced ? size.height : 1
    let stored = UnsafeMutablePointer<UInt8>.allocate(capacity: stride * storedRows + ResamplingPasses.slack)
    let converted = UnsafeMutablePointer<UInt8>.allocate(
      capacity: size.width * mode.bytesPerPixel + ResamplingPasses.slack)
    defer {
      stored.deallocate()
      converted.deallocate()
    }
    if chunks.isInterlaced {
      try check(keras_png_read_all(reader, stored, UInt32(size.height)))
    }
    for y in 0..<size.height {
      let row = chunks.isInterlaced ? stored + y * stride : stored
      if !chunks.isInterlaced { try check(keras_png_read_row(reader, row)) }
      if converter.isIdentity {
        // libpng keeps its own copy of the last row, so this one may be changed.
        body(row, y)
      } else {
        converter.convert(row, to: converted)
        body(converted, y)
      }
    }
    if chunks.isComplete { try check(keras_png_finish(reader)) }
  }

  private func check(_ status: keras_png_status) throws(KerasError) {
    switch status {
    case KERAS_PNG_OK: return
    case KERAS_PNG_TRUNCATED: throw PNGChunks.truncated(byteCount)
    default: throw PNGChunks.damaged(String(cString: keras_png_reader_message(reader)))
    }
  }
}

/// Turns rows as libpng gives them (a byte a sample, or two with the high byte first) into pixels of a mode.
private struct PNGRowConverter {
  let isIdentity: Bool
  private let colorType: PNGChunks.ColorType
  private let width: Int
  private let mode: Image.Mode
  /// 1 or 2.
  private let bytesPerSample: Int
  /// What a grey sample of fewer than 8 bits is multiplied by.
  private let grayScale: UInt8
  /// The one colour that is transparent in files without opacity.
  private let transparentColor: (UInt8, UInt8, UInt8)?
  /// For palettes: 256 pixels of the mode.
  private let table: [UInt8]

  init(_ chunks: PNGChunks, to mode: Image.Mode) throws(KerasError) {
    self.mode = mode
    colorType = chunks.colorType
    width = chunks.size.width
    bytesPerSample = chunks.bitDepth == 16 ? 2 : 1
    grayScale = chunks.bitDepth < 8 ? UInt8(255 / ((1 << chunks.bitDepth) - 1)) : 1
    table = colorType == .palette ? try Self.makeTable(chunks, mode) : []
    transparentColor = try Self.makeTransparentColor(chunks)
    switch (colorType, mode) {
    case (.gray, .grayscale), (.rgb, .rgb), (.rgba, .rgba): isIdentity = chunks.bitDepth == 8
    default: isIdentity = false
    }
  }

  func convert(_ row: UnsafePointer<UInt8>, to output: UnsafeMutablePointer<UInt8>) {
    switch colorType {
    case .palette:
      let step = mode.channelCount
      table.withUnsafeBufferPointer { table in
        for x in 0..<width {
          for channel in 0..<step { output[x * step + channel] = table[Int(row[x]) * step + channel] }
        }
      }
    case .gray where mode == .grayscale16:
      for x in 0..<width {
        output[2 * x] = row[2 * x + 1]
        output[2 * x + 1] = row[2 * x]
      }
    case .gray where bytesPerSample == 2:
      for x in 0..<width {
        let gray = row[2 * x] == 0 ? row[2 * x + 1] : 255
        store(gray, gray, gray, opacity(gray, gray, gray), at: x, output)
      }
    case .gray:
      for x in 0..<width {
        let gray = row[x] &* grayScale
        store(gray, gray, gray, opacity(gray, gray, gray), at: x, output)
      }
    case .grayAlpha:
      for x in 0..<width {
        let pixel = row + 2 * bytesPerSample * x
        store(pixel[0], pixel[0], pixel[0], pixel[bytesPerSample], at: x, output)
      }
    case .rgb, .rgba:
      let step = colorType == .rgb ? 3 : 4
      for x in 0..<width {
        let pixel = row + step * bytesPerSample * x
        let (red, green, blue) = (pixel[0], pixel[bytesPerSample], pixel[2 * bytesPerSample])
        let alpha = colorType == .rgb ? opacity(red, green, blue) : pixel[3 * bytesPerSample]
        store(red, green, blue, alpha, at: x, output)
      }
    }
  }

  @inline(__always)
  private func store(
    _ red: UInt8, _ green: UInt8, _ blue: UInt8, _ alpha: UInt8, at x: Int,
    _ output: UnsafeMutablePointer<UInt8>
  ) {
    guard mode != .grayscale else {
      // For grey, where all three are equal, this gives that very value.
      output[x] = ColorConversion.brightness(red, green, blue)
      return
    }
    let pixel = output + x * mode.channelCount
    pixel[0] = red
    pixel[1] = green
    pixel[2] = blue
    if mode == .rgba { pixel[3] = alpha }
  }

  @inline(__always)
  private func opacity(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    guard let transparentColor else { return 255 }
    return transparentColor == (red, green, blue) ? 0 : 255
  }

  private static func makeTable(_ chunks: PNGChunks, _ mode: Image.Mode) throws(KerasError) -> [UInt8] {
    guard !chunks.palette.isEmpty else { throw PNGChunks.damaged("it has no palette") }
    let transparency = chunks.transparency ?? []
    guard transparency.count <= 256 else {
      throw PNGChunks.damaged("the transparency of the palette has \(transparency.count) bytes")
    }
    var table: [UInt8] = []
    for index in 0..<256 {
      let entry = Array(chunks.palette.dropFirst(3 * index).prefix(3))
      let (red, green, blue) = entry.isEmpty ? (0, 0, 0) : (entry[0], entry[1], entry[2])
      switch mode {
      case .grayscale, .grayscale16: table.append(ColorConversion.brightness(red, green, blue))
      case .rgb: table += [red, green, blue]
      case .rgba: table += [red, green, blue, index < transparency.count ? transparency[index] : 255]
      }
    }
    return table
  }

  private static func makeTransparentColor(
    _ chunks: PNGChunks
  ) throws(KerasError) -> (UInt8, UInt8, UInt8)? {
    guard let bytes = chunks.transparency, chunks.colorType == .gray || chunks.colorType == .rgb else {
      return nil
    }
    let needed = chunks.colorType == .rgb ? 6 : 2
    guard bytes.count >= needed else {
      throw PNGChunks.damaged("the transparent colour has \(bytes.count) bytes instead of \(needed)")
    }
    if chunks.colorType == .rgb { return (bytes[1], bytes[3], bytes[5]) }
    let isBlack = bytes[0] == 0 && bytes[1] == 0
    let gray = chunks.bitDepth == 1 ? (isBlack ? 0 : 255) : bytes[1]
    return (gray, gray, gray)
  }
}

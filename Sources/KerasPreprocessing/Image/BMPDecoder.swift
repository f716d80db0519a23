import KerasCore

/// Reads BMP files that are not compressed: palettes of 1, 4 and 8 bits, colours of 16, 24 and 32.
///
/// "Windows Bitmap", Microsoft Win32 documentation of BITMAPFILEHEADER and BITMAPINFOHEADER. Every offset is checked: the
/// bytes come from a stranger.
final class BMPDecoder: ImageDecoder {
  private let bytes: UnsafeRawBufferPointer
  let size: ImageSize
  private let bits: Int
  private let isTopDown: Bool
  private let pixelStart: Int
  private let rowBytes: Int
  /// Red, green and blue of each entry.
  private let palette: [UInt8]
  /// Where red, green, blue and opacity are in a pixel of 16 or 32 bits.
  private let masks: [UInt32]

  /// - Parameter bytes: must outlive the decoder.
  init(_ bytes: UnsafeRawBufferPointer) throws(KerasError) {
    self.bytes = bytes
    func number(_ offset: Int, _ count: Int) throws(KerasError) -> Int {
      guard offset >= 0, offset + count <= bytes.count else { throw Self.truncated(bytes.count) }
      return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    func signed(_ offset: Int) throws(KerasError) -> Int {
      Int(Int32(truncatingIfNeeded: try number(offset, 4)))
    }
    pixelStart = try number(10, 4)
    let header = try number(14, 4)
    guard header == 12 || (40...256).contains(header) else {
      throw Self.damaged("a header of \(header) bytes")
    }
    let isOld = header == 12
    let width = isOld ? try number(18, 2) : try signed(18)
    let height = isOld ? try number(20, 2) : try signed(22)
    bits = try number(isOld ? 24 : 28, 2)
    let compression = isOld ? 0 : try number(30, 4)
    guard width >= 0, height != Int(Int32.min) else { throw Self.damaged("a width of \(width)") }
    isTopDown = height < 0
    size = ImageSize(height: abs(height), width: width)
    guard [1, 4, 8, 16, 24, 32].contains(bits) else { throw Self.damaged("pixels of \(bits) bits") }
    guard compression == 0 || (compression == 3 || compression == 6) && bits >= 16 else {
      throw KerasError(
        .unsupported, "The BMP file is compressed (method \(compression)).",
        remedy: "convert it to PNG first.")
    }
    var paletteStart = 14 + header
    if compression == 0 {
      masks = bits == 16 ? [0x7C00, 0x3E0, 0x1F, 0] : [0xFF_0000, 0xFF00, 0xFF, 0]
    } else {
      // Longer headers hold the masks, opacity's too; a short one is followed by three.
      var found: [UInt32] = []
      for place in 0..<(header >= 56 ? 4 : 3) { found.append(UInt32(try number(54 + 4 * place, 4))) }
      masks = found + (found.count == 3 ? [0] : [])
      if header == 40 { paletteStart += 12 }
    }
    var colors: [UInt8] = []
    if bits <= 8 {
      let stated = isOld ? 0 : try number(46, 4)
      let entry = isOld ? 3 : 4
      let count = stated > 0 && stated <= 1 << bits ? stated : 1 << bits
      for index in 0..<count {
        let place = paletteStart + index * entry
        for channel in [2, 1, 0] { colors.append(UInt8(try number(place + channel, 1))) }
      }
      // Entries that are missing are black.
      colors += [UInt8](repeating: 0, count: 3 * (1 << bits) - colors.count)
    }
    palette = colors
    rowBytes = (width * bits + 31) / 32 * 4
    guard size.height == 0 || pixelStart + rowBytes * size.height <= bytes.count, pixelStart >= 14 else {
      throw Self.truncated(bytes.count)
    }
  }

  var orientation: Orientation { .upright }
  var ownColors: ColorMode { masks[3] == 0 ? .rgb : .rgba }

  func mode(for colorMode: ColorMode) -> Image.Mode { Image.Mode(colorMode) }

  func decodeRows(
    as mode: Image.Mode, _ body: (_ row: UnsafeMutablePointer<UInt8>, _ y: Int) -> Void
  ) throws(KerasError) {
    let colors = UnsafeMutablePointer<UInt8>.allocate(capacity: size.width * 4)
    let row = UnsafeMutablePointer<UInt8>.allocate(capacity: size.width * 4 + ResamplingPasses.slack)
    defer {
      colors.deallocate()
      row.deallocate()
    }
    for y in 0..<size.height {
      let start = pixelStart + rowBytes * (isTopDown ? y : size.height - 1 - y)
      for x in 0..<size.width { decode(x, of: start, to: colors + 4 * x) }
      ColorConversion.convert(colors, 4, to: row, mode.channelCount, count: size.width)
      body(row, y)
    }
  }

  /// One pixel as red, green, blue and opacity.
  private func decode(_ x: Int, of start: Int, to pixel: UnsafeMutablePointer<UInt8>) {
    pixel[3] = 255
    switch bits {
    case 24:
      for channel in 0..<3 { pixel[channel] = bytes[start + 3 * x + 2 - channel] }
    case 16, 32:
      let count = bits / 8
      let value = (0..<count).reduce(UInt32(0)) {
        $0 | UInt32(bytes[start + count * x + $1]) << (8 * UInt32($1))
      }
      for channel in 0..<4 where masks[channel] != 0 { pixel[channel] = Self.part(value, masks[channel]) }
      for channel in 0..<3 where masks[channel] == 0 { pixel[channel] = 0 }
    default:
      let perByte = 8 / bits
      let byte = Int(bytes[start + x / perByte])
      let index = byte >> (8 - bits * (x % perByte + 1)) & ((1 << bits) - 1)
      for channel in 0..<3 { pixel[channel] = palette[3 * index + channel] }
    }
  }

  /// The bits under a mask, stretched to 0…255.
  private static func part(_ value: UInt32, _ mask: UInt32) -> UInt8 {
    let shift = UInt32(mask.trailingZeroBitCount)
    let largest = UInt64(mask >> shift)
    return UInt8(truncatingIfNeeded: UInt64((value & mask) >> shift) * 255 / largest)
  }

  private static func truncated(_ count: Int) -> KerasError {
    KerasError(.invalidFile, "The BMP file ends too soon, after \(count) bytes.")
  }

  private static func damaged(_ what: String) -> KerasError {
    KerasError(.invalidFile, "The BMP file is damaged: it says it has \(what).")
  }
}

import KerasCore

/// What a PNG file says before its pixels: header, palette, transparency, EXIF data.
///
/// The chunks are walked here instead of by libpng because Pillow gives transparency meanings of its own
/// (see ``PNGDecoder``), and because a cut file is seen before anything is decoded. Checksums are libpng's
/// business.
struct PNGChunks {
  enum ColorType: UInt8 {
    case gray = 0
    case rgb = 2
    case palette = 3
    case grayAlpha = 4
    case rgba = 6
  }

  private(set) var size = ImageSize(height: 0, width: 0)
  private(set) var colorType = ColorType.gray
  private(set) var bitDepth = 8
  private(set) var isInterlaced = false
  /// Red, green and blue of each entry, up to 256 of them.
  private(set) var palette: [UInt8] = []
  /// The raw bytes of the transparency chunk.
  private(set) var transparency: [UInt8]?
  private(set) var orientation = Orientation.upright
  /// Whether the file goes on to its last chunk. All pixels may be there when it does not.
  private(set) var isComplete = false

  init(_ bytes: UnsafeRawBufferPointer) throws(KerasError) {
    func number(at offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    var offset = 8
    var hasPixels = false
    while !isComplete {
      guard offset + 8 <= bytes.count else {
        if hasPixels { return }
        throw Self.truncated(bytes.count)
      }
      let length = number(at: offset)
      let type = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
      guard length <= bytes.count - offset - 8 else {
        if hasPixels && type != "IDAT" { return }
        throw Self.truncated(bytes.count)
      }
      let data = UnsafeRawBufferPointer(rebasing: bytes[offset + 8..<offset + 8 + length])
      if offset == 8 {
        guard type == "IHDR", length == 13 else { throw Self.damaged("it does not begin with a header") }
        try readHeader(data)
      }
      switch type {
      case "PLTE" where !hasPixels:
        guard length % 3 == 0, length <= 768 else { throw Self.damaged("the palette has \(length) bytes") }
        palette = Array(data)
      case "tRNS" where !hasPixels:
        transparency = Array(data)
      case "eXIf":
        orientation = Orientation(tiff: data)
      case "IDAT":
        hasPixels = true
      case "IEND":
        isComplete = true
      default:
        break
      }
      offset += length + 12
    }
    guard hasPixels else { throw Self.damaged("it has no pixel data") }
  }

  private mutating func readHeader(_ data: UnsafeRawBufferPointer) throws(KerasError) {
    let width = data[0..<4].reduce(0) { $0 << 8 | Int($1) }
    let height = data[4..<8].reduce(0) { $0 << 8 | Int($1) }
    size = ImageSize(height: height, width: width)
    bitDepth = Int(data[8])
    isInterlaced = data[12] != 0
    let allowedDepths: [Int]
    switch ColorType(rawValue: data[9]) {
    case .gray: allowedDepths = [1, 2, 4, 8, 16]
    case .palette: allowedDepths = [1, 2, 4, 8]
    case .rgb, .grayAlpha, .rgba: allowedDepths = [8, 16]
    case nil: allowedDepths = []
    }
    guard let type = ColorType(rawValue: data[9]), allowedDepths.contains(bitDepth) else {
      throw Self.damaged("colour type \(data[9]) with \(bitDepth) bits does not exist")
    }
    colorType = type
  }

  static func truncated(_ byteCount: Int) -> KerasError {
    KerasError(
      .invalidFile, "The PNG data end before the image does (the file has \(byteCount) bytes).",
      remedy: "copy or download the file again.")
  }

  static func damaged(_ reason: String) -> KerasError {
    KerasError(
      .invalidFile, "The PNG data are damaged: \(reason).", remedy: "copy or download the file again.")
  }
}

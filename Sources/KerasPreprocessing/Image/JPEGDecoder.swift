import CJPEG
import KerasCore

/// Reads JPEG files by libjpeg with the settings Pillow uses: the accurate integer inverse transform, smooth
/// chroma upsampling, and no scaling. TensorFlow takes the fast inverse transform, whose pixels differ by up to 5.
///
/// Like Pillow it takes every four-channel file for inverted CMYK (Adobe's convention), and damage that
/// libjpeg can step over is not an error, while data that end early are.
final class JPEGDecoder: ImageDecoder {
  private let reader: OpaquePointer
  private let bytes: UnsafeRawBufferPointer
  private let componentCount: Int
  private let dialect: PixelDialect
  let size: ImageSize

  init(_ bytes: UnsafeRawBufferPointer, _ dialect: PixelDialect) throws(KerasError) {
    guard let start = bytes.bindMemory(to: UInt8.self).baseAddress,
      let reader = keras_jpeg_reader_make(start, bytes.count)
    else { throw KerasError(.libraryFailure, "There is no memory for a JPEG decoder.") }
    self.reader = reader
    (self.bytes, self.dialect) = (bytes, dialect)
    let status = keras_jpeg_read_header(reader)
    size = ImageSize(height: Int(keras_jpeg_height(reader)), width: Int(keras_jpeg_width(reader)))
    componentCount = Int(keras_jpeg_components(reader))
    try check(status)
    guard [1, 3, 4].contains(componentCount) else {
      throw KerasError(.unsupported, "The JPEG image has \(componentCount) channels; 1, 3 and 4 are read.")
    }
  }

  deinit { keras_jpeg_reader_free(reader) }

  var ownColors: ColorMode { componentCount == 1 ? .grayscale : .rgb }

  func mode(for colorMode: ColorMode) -> Image.Mode {
    switch colorMode {
    case .grayscale: .grayscale
    case .rgb: .rgb
    case .rgba: .rgba
    }
  }

  func decodeRows(
    as mode: Image.Mode, _ body: (_ row: UnsafeMutablePointer<UInt8>, _ y: Int) -> Void
  ) throws(KerasError) {
    try check(keras_jpeg_start(reader, dialect == .tensorFlow ? 1 : 0))
    let stride = size.width * componentCount
    // libjpeg produces up to 16 rows at a time.
    let stripHeight = min(16, size.height)
    let strip = UnsafeMutablePointer<UInt8>.allocate(capacity: stripHeight * stride + ResamplingPasses.slack)
    let converted = UnsafeMutablePointer<UInt8>.allocate(
      capacity: size.width * mode.channelCount + ResamplingPasses.slack)
    defer {
      strip.deallocate()
      converted.deallocate()
    }
    for top in Swift.stride(from: 0, to: size.height, by: stripHeight) {
      let count = min(stripHeight, size.height - top)
      try check(keras_jpeg_read_rows(reader, strip, stride, UInt32(count)))
      for y in 0..<count {
        let row = strip + y * stride
        body(convert(row, to: mode, converted), top + y)
      }
    }
  }

  /// The row itself when it already is in `mode`, otherwise `scratch`.
  private func convert(
    _ row: UnsafeMutablePointer<UInt8>, to mode: Image.Mode, _ scratch: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var row = row
    var channelCount = componentCount
    if channelCount == 4 {
      ColorConversion.invertedCMYKToRGB(row, count: size.width)
      channelCount = 3
    }
    if channelCount != mode.channelCount {
      ColorConversion.convert(row, channelCount, to: scratch, mode.channelCount, count: size.width)
      row = scratch
    }
    return row
  }

  private func check(_ status: keras_jpeg_status) throws(KerasError) {
    switch status {
    case KERAS_JPEG_OK: return
    case KERAS_JPEG_TRUNCATED:
      throw KerasError(
        .invalidFile, "The JPEG data end before the image does (the file has \(bytes.count) bytes).",
        remedy: "copy or download the file again.")
    default:
      let reason = String(cString: keras_jpeg_reader_message(reader))
      throw KerasError(.invalidFile, "The JPEG data cannot be decoded: \(reason).")
    }
  }

  /// Walks the segments up to the first scan to the one that holds EXIF data.
  var orientation: Orientation {
    var offset = 2
    while offset + 4 <= bytes.count, bytes[offset] == 0xFF {
      let marker = bytes[offset + 1]
      if marker == 0xFF {
        offset += 1
        continue
      }
      let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
      let end = offset + 2 + length
      if marker == 0xDA || length < 2 || end > bytes.count { break }
      let payload = UnsafeRawBufferPointer(rebasing: bytes[offset + 4..<end])
      if marker == 0xE1, payload.starts(with: "Exif\0\0".utf8) {
        return Orientation(tiff: UnsafeRawBufferPointer(rebasing: payload[6...]))
      }
      offset = end
    }
    return .upright
  }
}

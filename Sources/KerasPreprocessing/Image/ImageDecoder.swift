import KerasCore

/// An opened picture whose pixels have not been decoded yet.
///
/// Rows come one after another, so that a picture can be resized while it is decoded and never stands in
/// memory as a whole.
protocol ImageDecoder: AnyObject {
  var size: ImageSize { get }

  /// What the camera noted; read only when somebody asks.
  var orientation: Orientation { get }

  /// The mode in which `colorMode` gives this picture: 16-bit grey stays 16-bit grey.
  func mode(for colorMode: ColorMode) -> Image.Mode

  /// The colours that lose nothing of the file's but bits beyond eight of coloured ones.
  var ownColors: ColorMode { get }

  /// Decodes all rows from top to bottom. Each is handed to `body` once, in the mode asked for, in memory
  /// that `body` may change and that the next row overwrites; ``ResamplingPasses/slack`` bytes beyond it can
  /// be read.
  func decodeRows(
    as mode: Image.Mode, _ body: (_ row: UnsafeMutablePointer<UInt8>, _ y: Int) -> Void
  ) throws(KerasError)
}

/// Whose pixels a lossy file is to give.
enum PixelDialect { case pillow, tensorFlow }

/// Opens a picture of whichever format, and refuses more than `maximumPixelCount` pixels before any memory is
/// taken for them. `bytes` must outlive the decoder.
func makeDecoder(
  _ bytes: UnsafeRawBufferPointer, maximumPixelCount: Int, dialect: PixelDialect = .pillow
) throws(KerasError) -> any ImageDecoder {
  let decoder: any ImageDecoder =
    switch try ImageFormat(signature: bytes) {
    case .jpeg: try JPEGDecoder(bytes, dialect)
    case .png: try PNGDecoder(bytes)
    case .bmp: try BMPDecoder(bytes)
    case .webp: try WebPDecoder(bytes)
    case .gif: try GIFDecoder(bytes)
    }
  let size = decoder.size
  guard size.height > 0, size.width > 0 else {
    throw KerasError(.invalidFile, "The image has no pixels: \(size.width) × \(size.height).")
  }
  guard max(size.height, size.width) <= ImageSize.maximumSide else {
    throw KerasError(
      .invalidFile,
      "The image is \(size.width) × \(size.height) pixels; no side may be longer than "
        + "\(ImageSize.maximumSide).")
  }
  guard size.pixelCount <= maximumPixelCount else {
    throw KerasError(
      .invalidFile,
      "The image is \(size.width) × \(size.height) = \(size.pixelCount) pixels; at most "
        + "\(maximumPixelCount) are decoded.",
      remedy: "if the file can be trusted, pass a larger maximumPixelCount.")
  }
  return decoder
}

import CWebP
import KerasCore

/// Reads WebP files by libwebp, where it is installed; of moving pictures none.
final class WebPDecoder: ImageDecoder {
  private static let library = Library()

  private struct Library: @unchecked Sendable {
    // Functions, which do not change once they are loaded.
    let functions = cwebp_load()
  }

  private let bytes: UnsafeRawBufferPointer
  private let functions: UnsafePointer<cwebp_functions>
  let size: ImageSize

  /// - Parameter bytes: must outlive the decoder.
  init(_ bytes: UnsafeRawBufferPointer) throws(KerasError) {
    guard let functions = Self.library.functions else {
      throw KerasError(
        .unsupported, "The file's format is WebP, and libwebp, which reads it, is not installed.",
        remedy: "sudo apt-get install libwebp7, or convert the file to PNG.")
    }
    (self.bytes, self.functions) = (bytes, functions)
    var (width, height): (Int32, Int32) = (0, 0)
    let start = bytes.bindMemory(to: UInt8.self).baseAddress
    guard functions.pointee.WebPGetInfo(start, bytes.count, &width, &height) != 0 else {
      throw KerasError(.invalidFile, "The WebP file is damaged.")
    }
    size = ImageSize(height: Int(height), width: Int(width))
  }

  var orientation: Orientation { .upright }
  var ownColors: ColorMode { .rgba }

  func mode(for colorMode: ColorMode) -> Image.Mode { Image.Mode(colorMode) }

  func decodeRows(
    as mode: Image.Mode, _ body: (_ row: UnsafeMutablePointer<UInt8>, _ y: Int) -> Void
  ) throws(KerasError) {
    let rowBytes = size.width * 4
    // The library decodes the whole picture at once; how large it may be has been checked.
    let pixels = UnsafeMutablePointer<UInt8>.allocate(capacity: rowBytes * size.height)
    let row = UnsafeMutablePointer<UInt8>.allocate(capacity: rowBytes + ResamplingPasses.slack)
    defer {
      pixels.deallocate()
      row.deallocate()
    }
    let decoded = functions.pointee.WebPDecodeRGBAInto(
      bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, pixels, rowBytes * size.height,
      Int32(rowBytes))
    guard decoded != nil else {
      throw KerasError(
        .invalidFile, "The WebP file is damaged, ends too soon, or holds a moving picture.",
        remedy: "convert it to PNG.")
    }
    for y in 0..<size.height {
      ColorConversion.convert(pixels + y * rowBytes, 4, to: row, mode.channelCount, count: size.width)
      body(row, y)
    }
  }
}

extension Image.Mode {
  /// The eight-bit mode of these colours.
  init(_ colorMode: ColorMode) {
    self =
      switch colorMode {
      case .grayscale: .grayscale
      case .rgb: .rgb
      case .rgba: .rgba
      }
  }
}

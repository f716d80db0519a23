import CJPEG
import CPNG
import Glibc
import KerasCore

extension Image {
  /// The formats pictures are written in.
  public enum FileFormat: String, Hashable, Sendable, CaseIterable {
    case png
    /// Loses a little of everything, opacity wholly.
    case jpeg
  }

  /// `keras.utils.save_img`: writes the picture beside `path` and renames it, so that a reader never sees half
  /// a file and a failure leaves what was there.
  ///
  /// - Parameters:
  ///   - path: the file; its extension (png, jpg or jpeg) chooses the format.
  ///   - format: the format, whatever the extension.
  ///   - quality: 1…100, for JPEG; chroma is halved in both directions, as Pillow does it.
  /// - Throws: `invalidArgument`, `unsupported` for 16-bit grey as JPEG, `fileAccess`.
  public func save(to path: String, as format: FileFormat? = nil, quality: Int = 75) throws(KerasError) {
    try within(path) { () throws(KerasError) in
      let chosen = if let format { format } else { try Self.format(ofPath: path) }
      let bytes = try encoded(as: chosen, quality: quality)
      try writeFile(at: path) { (file) throws(KerasError) in try file.append(bytes) }
    }
  }

  /// The bytes of a file that holds the picture.
  public func encoded(as format: FileFormat, quality: Int = 75) throws(KerasError) -> [UInt8] {
    guard (1...100).contains(quality) else {
      throw KerasError(.invalidArgument, "The JPEG quality must be 1…100, not \(quality).")
    }
    switch format {
    case .png: return try encodedPNG()
    case .jpeg: return try encodedJPEG(quality)
    }
  }

  private static func format(ofPath path: String) throws(KerasError) -> FileFormat {
    let name = path.split(separator: "/").last ?? ""
    let suffix = name.contains(".") ? name.split(separator: ".").last?.lowercased() ?? "" : ""
    switch suffix {
    case "png": return .png
    case "jpg", "jpeg": return .jpeg
    default:
      throw KerasError(
        .invalidArgument,
        suffix.isEmpty
          ? "The file name has no extension that names a format."
          : "No image format is written for the extension \"\(suffix)\".",
        remedy: "use .png, .jpg or .jpeg, or name the format.")
    }
  }

  private func encodedPNG() throws(KerasError) -> [UInt8] {
    // 16-bit numbers stand with the high byte first in PNG.
    let input = mode == .grayscale16 ? pixels.indices.map { pixels[$0 ^ 1] } : pixels
    var message = [CChar](repeating: 0, count: Int(KERAS_PNG_MESSAGE_LENGTH))
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    let status = keras_png_write(
      input, UInt32(width), UInt32(height), Int32(mode.channelCount), mode == .grayscale16 ? 16 : 8, &bytes,
      &count, &message)
    guard status == KERAS_PNG_OK, let bytes else { throw Self.encodingFailure("PNG", message) }
    return Self.taking(bytes, count)
  }

  private func encodedJPEG(_ quality: Int) throws(KerasError) -> [UInt8] {
    if mode == .grayscale16 {
      throw KerasError(
        .unsupported, "JPEG does not hold 16-bit grey.", remedy: "save it as PNG, or scale it to 0…255.")
    }
    let input: [UInt8]
    if mode == .rgba {
      input = try filledArray(size.pixelCount * 3) { output in
        ColorConversion.convert(pixels, 4, to: output, 3, count: size.pixelCount)
      }
    } else {
      input = pixels
    }
    var message = [CChar](repeating: 0, count: Int(KERAS_JPEG_MESSAGE_LENGTH))
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    let status = keras_jpeg_write(
      input, UInt32(width), UInt32(height), mode == .grayscale ? 1 : 3, Int32(quality), &bytes, &count,
      &message)
    guard status == KERAS_JPEG_OK, let bytes else { throw Self.encodingFailure("JPEG", message) }
    return Self.taking(bytes, count)
  }

  /// Copies memory that C allocated, and frees it.
  private static func taking(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> [UInt8] {
    defer { free(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  private static func encodingFailure(_ format: String, _ message: [CChar]) -> KerasError {
    let reason = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return KerasError(.libraryFailure, "The image cannot be written as \(format): \(reason).")
  }
}

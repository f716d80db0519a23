import KerasCore

/// The kind of an image file, told from its first bytes, never from its name.
package enum ImageFormat: Hashable {
  case jpeg
  case png
  case bmp
  case webp
  case gif

  init(signature: some Collection<UInt8>) throws(KerasError) {
    let start = Array(signature.prefix(FileBytes.signatureLength))
    if start.isEmpty { throw FileBytes.isEmpty }
    if start.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if Self.has("BM", in: start), start.count >= 18, start[6...9].allSatisfy({ $0 == 0 }) {
      self = .bmp
    } else if Self.has("RIFF", in: start), Self.has("WEBP", in: start, at: 8) {
      self = .webp
    } else if Self.has("GIF87a", in: start) || Self.has("GIF89a", in: start) {
      self = .gif
    } else if let name = Self.nameOfUnreadFormat(start) {
      throw KerasError(
        .unsupported, "The file's format is \(name); \(Self.readFormats) are read.",
        remedy: "convert it to PNG first.")
    } else {
      throw KerasError(
        .invalidFile, "This is not an image: it starts with \(Self.quoted(start)).",
        remedy: "pass a JPEG, PNG, BMP, GIF or WebP file.")
    }
  }

  package static let readFormats = "JPEG, PNG, BMP, GIF and WebP"

  private static func has(_ text: String, in start: [UInt8], at offset: Int = 0) -> Bool {
    start.dropFirst(offset).starts(with: text.utf8)
  }

  /// Formats that Pillow (and so Keras) opens and this package does not.
  private static func nameOfUnreadFormat(_ start: [UInt8]) -> String? {
    func has(_ text: String, at offset: Int = 0) -> Bool { self.has(text, in: start, at: offset) }
    if has("II*\0") || has("MM\0*") { return "TIFF" }
    if has("ftypavif", at: 4) { return "AVIF" }
    if has("ftyphei", at: 4) || has("ftypmif1", at: 4) { return "HEIF" }
    if has("\0\0\0\u{0C}jP  ") { return "JPEG 2000" }
    if has("8BPS") { return "Photoshop" }
    if start.starts(with: [0, 0, 1, 0]) { return "ICO" }
    let isNetpbm = start.count > 2 && start[0] == UInt8(ascii: "P") && (0x31...0x36).contains(start[1])
    if isNetpbm && [0x0A, 0x0D, 0x20].contains(start[2]) { return "Netpbm" }
    return nil
  }

  /// The first bytes as text when they look like text, else in hexadecimal.
  private static func quoted(_ start: [UInt8]) -> String {
    let isText = start.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    if isText {
      let line = start.prefix { $0 >= 0x20 }.prefix(20)
      return "the text \"\(String(decoding: line, as: UTF8.self))\""
    }
    let digits = start.prefix(8).map { byte in
      let text = String(byte, radix: 16, uppercase: true)
      return byte < 16 ? "0" + text : text
    }
    return "the bytes " + digits.joined(separator: " ")
  }
}

import KerasCore

/// A picture as its file has it, before anything is converted.
public struct StoredPicture: Sendable {
  /// In the file's own colours: grey, also of 16 bits, RGB (of a palette, too), or RGB with opacity.
  public let image: Image
  /// Whether the file says, in its EXIF tag, that it is to be turned or mirrored.
  public let isTurned: Bool

  /// - Throws: as `Image(contentsOf:)`.
  public init(
    contentsOf path: String, maximumPixelCount: Int = Image.defaultMaximumPixelCount
  ) throws(KerasError) {
    self = try Image.withPicture(in: path) { (bytes) throws(KerasError) in
      let (colors, isTurned) = try withTypedBytes(of: bytes) { (bytes) throws(KerasError) in
        let decoder = try makeDecoder(bytes, maximumPixelCount: maximumPixelCount)
        return (decoder.ownColors, decoder.orientation != .upright)
      }
      return StoredPicture(
        image: try Image(data: bytes, colorMode: colors, maximumPixelCount: maximumPixelCount),
        isTurned: isTurned)
    }
  }

  private init(image: Image, isTurned: Bool) {
    self.image = image
    self.isTurned = isTurned
  }
}

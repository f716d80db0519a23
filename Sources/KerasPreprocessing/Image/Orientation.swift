import KerasCore

/// What to do with the EXIF tag by which cameras say how they were held.
public enum OrientationPolicy: Hashable, Sendable {
  /// Rows as they are stored, as Keras reads them.
  case ignore
  /// Turned and mirrored so that the picture stands upright.
  case apply
}

/// The eight values of EXIF's orientation tag: where the stored picture's first row and first column
/// stand on the upright picture (EXIF 2.32, section 4.6.4, tag 274).
enum Orientation: Int {
  case upright = 1
  case mirrored, upsideDown, mirroredUpsideDown, transposed, turnedLeft, transverse, turnedRight

  /// Finds the tag in a TIFF header with its first directory; `upright` where there is none.
  ///
  /// The bytes come from a stranger: every offset is checked.
  init(tiff: UnsafeRawBufferPointer) {
    self = .upright
    guard tiff.count >= 8, tiff[0] == tiff[1], tiff[0] == 0x49 || tiff[0] == 0x4D else { return }
    let isLittleEndian = tiff[0] == 0x49
    func number(at offset: Int, byteCount: Int) -> Int? {
      guard offset >= 0, offset <= tiff.count - byteCount else { return nil }
      let bytes = tiff[offset..<offset + byteCount]
      return isLittleEndian
        ? bytes.reversed().reduce(0) { $0 << 8 | Int($1) } : bytes.reduce(0) { $0 << 8 | Int($1) }
    }
    guard number(at: 2, byteCount: 2) == 42, let directory = number(at: 4, byteCount: 4),
      let entryCount = number(at: directory, byteCount: 2)
    else { return }
    for entry in 0..<entryCount {
      let start = directory + 2 + 12 * entry
      guard let tag = number(at: start, byteCount: 2) else { return }
      // Tag 274, one number of type 3 (16 bits).
      guard tag == 274, number(at: start + 2, byteCount: 2) == 3 else { continue }
      guard let value = number(at: start + 8, byteCount: 2) else { return }
      self = Orientation(rawValue: value) ?? .upright
      return
    }
  }

  /// Whether rows become columns.
  private var swapsSides: Bool { rawValue >= 5 }

  /// The picture as it should be seen.
  func applied(to image: Image) throws(KerasError) -> Image {
    if self == .upright { return image }
    let (width, height) = (image.width, image.height)
    let size = swapsSides ? ImageSize(height: width, width: height) : image.size
    let step = image.mode.bytesPerPixel
    return try Image(size: size, mode: image.mode) { output in
      image.pixels.withUnsafeBufferPointer { input in
        for y in 0..<size.height {
          for x in 0..<size.width {
            let (row, column) = source(x: x, y: y, width: width, height: height)
            for byte in 0..<step {
              output[(y * size.width + x) * step + byte] = input[(row * width + column) * step + byte]
            }
          }
        }
      }
    }
  }

  /// Which stored pixel is seen at `x`, `y`.
  private func source(x: Int, y: Int, width: Int, height: Int) -> (row: Int, column: Int) {
    switch self {
    case .upright: (y, x)
    case .mirrored: (y, width - 1 - x)
    case .upsideDown: (height - 1 - y, width - 1 - x)
    case .mirroredUpsideDown: (height - 1 - y, x)
    case .transposed: (x, y)
    case .turnedLeft: (height - 1 - x, y)
    case .transverse: (height - 1 - x, width - 1 - y)
    case .turnedRight: (x, width - 1 - y)
    }
  }
}

import KerasCore

/// A picture in memory: rows from top to bottom, pixels from left to right, channels interleaved.
///
/// Pictures are read as `keras.utils.load_img` reads them, to the last digit: see
/// ``init(contentsOf:colorMode:orientation:maximumPixelCount:)`` and
/// ``load(from:colorMode:targetSize:interpolation:keepsAspectRatio:orientation:maximumPixelCount:)``.
///
/// ```swift
/// let photo = try Image(contentsOf: "elephant.jpg")
/// let small = try photo.resized(to: ImageSize(height: 224, width: 224), using: .bilinear)
/// let x = small.tensor()  // [224, 224, 3], 0…255
/// ```
public struct Image: Hashable, Sendable {
  /// What a pixel holds.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// One byte: black 0, white 255. Pillow's `L`.
    case grayscale
    /// One 16-bit number: black 0, white 65535. Pillow's `I;16`.
    case grayscale16
    /// Three bytes: red, green, blue.
    case rgb
    /// Four bytes: red, green, blue and opacity (0 transparent, 255 opaque); not premultiplied.
    case rgba

    public var channelCount: Int {
      switch self {
      case .grayscale, .grayscale16: 1
      case .rgb: 3
      case .rgba: 4
      }
    }

    public var bytesPerPixel: Int { self == .grayscale16 ? 2 : channelCount }
  }

  public let width: Int
  public let height: Int
  public let mode: Mode
  /// `height · width · mode.bytesPerPixel` bytes without gaps; 16-bit numbers with the low byte first.
  public let pixels: [UInt8]

  /// A picture of the given pixels.
  ///
  /// - Throws: `invalidArgument` when a side is not 1…1,000,000, `shapeMismatch` when `pixels` has not
  ///   exactly the bytes needed.
  public init(width: Int, height: Int, mode: Mode, pixels: [UInt8]) throws(KerasError) {
    try ImageSize(height: height, width: width).requireSides(of: "an image")
    guard checkedElementCount([height, width, mode.bytesPerPixel]) == pixels.count else {
      throw KerasError(
        .shapeMismatch,
        "An image of \(width) × \(height) pixels in mode \(mode) does not have \(pixels.count) bytes.",
        remedy: "pass height · width · \(mode.bytesPerPixel) bytes.")
    }
    self.init(uncheckedSize: ImageSize(height: height, width: width), mode: mode, pixels: pixels)
  }

  init(uncheckedSize size: ImageSize, mode: Mode, pixels: [UInt8]) {
    width = size.width
    height = size.height
    self.mode = mode
    self.pixels = pixels
  }

  /// Lets `body` fill all bytes of a new picture.
  init(
    size: ImageSize, mode: Mode, _ body: (UnsafeMutablePointer<UInt8>) throws(KerasError) -> Void
  ) throws(KerasError) {
    let count = size.pixelCount * mode.bytesPerPixel
    let pixels = try filledArray(count) { (bytes: UnsafeMutablePointer<UInt8>) throws(KerasError) in
      try body(bytes)
    }
    self.init(uncheckedSize: size, mode: mode, pixels: pixels)
  }

  public var size: ImageSize { ImageSize(height: height, width: width) }

  var bytesPerRow: Int { width * mode.bytesPerPixel }
}

extension Image: CustomStringConvertible {
  public var description: String { "Image(\(width) × \(height), \(mode))" }
}

/// The height and width of a picture, in pixels; in Keras' order, height first.
public struct ImageSize: Hashable, Sendable {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// A square.
  public init(side: Int) { self.init(height: side, width: side) }

  var pixelCount: Int { height * width }

  /// No side of a picture is longer, as in libpng: whatever is computed for each row or column stays small.
  static let maximumSide = 1_000_000

  func requireSides(of whose: String) throws(KerasError) {
    guard (1...Self.maximumSide).contains(height), (1...Self.maximumSide).contains(width) else {
      throw KerasError(
        .invalidArgument,
        "The height and width of \(whose) must be 1…\(Self.maximumSide), not \(height) × \(width).")
    }
  }
}

/// The colours a picture is converted to while it is read, as Keras' `color_mode`.
public enum ColorMode: String, Hashable, Sendable, CaseIterable {
  /// One channel. Colours become brightness (0.299 R + 0.587 G + 0.114 B); 16-bit grey stays as it is.
  case grayscale
  /// Three channels. Opacity is dropped, not blended; 16-bit grey is clipped to 255, as Pillow does it.
  case rgb
  /// Four channels: opaque where the file says nothing else.
  case rgba
}

/// An array whose `count` bytes `body` fills; unlike the standard initializer it keeps the error's type.
func filledArray(
  _ count: Int, _ body: (UnsafeMutablePointer<UInt8>) throws(KerasError) -> Void
) throws(KerasError) -> [UInt8] {
  var failure: KerasError?
  let array = [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, initializedCount in
    guard let start = buffer.baseAddress else { return }
    do throws(KerasError) {
      try body(start)
      initializedCount = count
    } catch {
      failure = error
    }
  }
  if let failure { throw failure }
  return array
}

import KerasCore

/// The numbers of one channel of a picture.
public struct ChannelNumbers: Hashable, Sendable {
  /// Of those that are finite; 0 where none is.
  public private(set) var minimum: Float = 0
  public private(set) var maximum: Float = 0
  public private(set) var mean: Double = 0
  /// NaN and infinite ones.
  public private(set) var notFiniteCount = 0

  /// - Parameter value: the number at each index below `count`.
  private init(count: Int, _ value: (Int) -> Float) {
    var (smallest, largest, sum) = (Float.infinity, -Float.infinity, 0.0)
    for index in 0..<count {
      let value = value(index)
      guard value.isFinite else {
        notFiniteCount += 1
        continue
      }
      smallest = min(smallest, value)
      largest = max(largest, value)
      sum += Double(value)
    }
    guard notFiniteCount < count else { return }
    (minimum, maximum, mean) = (smallest, largest, sum / Double(count - notFiniteCount))
  }

  /// Of each channel of a picture, 0…255; of 16-bit grey 0…65535.
  public static func of(_ image: Image) -> [ChannelNumbers] {
    let step = image.mode.bytesPerPixel
    return image.pixels.withUnsafeBufferPointer { pixels in
      (0..<image.mode.channelCount).map { channel in
        ChannelNumbers(count: image.height * image.width) { index in
          image.mode == .grayscale16
            ? Float(UInt16(pixels[2 * index]) | UInt16(pixels[2 * index + 1]) << 8)
            : Float(pixels[index * step + channel])
        }
      }
    }
  }

  /// Of each channel of pictures in an array.
  static func of(_ pictures: PictureArray) -> [ChannelNumbers] {
    pictures.channels { count, value in ChannelNumbers(count: count, value) }
  }
}

/// An array taken for pictures: where its channels stand.
struct PictureArray {
  let channelCount: Int
  private let numbers: Tensor
  private let places: Int
  /// How far the channels of a place stand apart; 1 where they come last.
  private let planeSize: Int

  /// - Throws: `shapeMismatch` for a shape that no pictures have; `invalidArgument` for nothing.
  init(_ tensor: Tensor) throws(KerasError) {
    let shape = tensor.shape
    let rank = shape.count
    guard rank == 3 || rank == 4 else { throw Self.noPictures(shape) }
    guard tensor.elementCount > 0 else {
      throw KerasError(.invalidArgument, "The array has no numbers: its shape is \(Shape(shape)).")
    }
    func isChannels(_ axis: Int) -> Bool { shape[axis] == 3 || shape[axis] == 1 }
    guard isChannels(rank - 1) || isChannels(rank - 3) else { throw Self.noPictures(shape) }
    let isLast = isChannels(rank - 1)
    channelCount = isLast ? shape[rank - 1] : shape[rank - 3]
    planeSize = isLast ? 1 : shape[rank - 2] * shape[rank - 1]
    numbers = tensor.converted(to: .float32)
    places = tensor.elementCount / channelCount
  }

  /// What `body` makes of each channel, of which it gets the count and the number at each index.
  func channels<Result>(_ body: (_ count: Int, _ value: (Int) -> Float) -> Result) -> [Result] {
    let (channelCount, planeSize, places) = (channelCount, planeSize, places)
    return numbers.withUnsafeScalars { (numbers: UnsafeBufferPointer<Float>) in
      (0..<channelCount).map { channel in
        body(places) { index in
          let (block, place) = index.quotientAndRemainder(dividingBy: planeSize)
          return numbers[(block * channelCount + channel) * planeSize + place]
        }
      }
    }
  }

  private static func noPictures(_ shape: [Int]) -> KerasError {
    KerasError(
      .shapeMismatch,
      "Expected pictures, [height, width, channels] or [batch, height, width, channels] or with the channels "
        + "before the height, of 3 channels or 1; found shape \(Shape(shape)).")
  }
}

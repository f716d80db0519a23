import KerasModels
import KerasPreprocessing

extension HeatMap {
  /// The map laid over a picture, which is what it explains, at the picture's own size.
  ///
  /// - Parameters:
  ///   - colors: what a value looks like.
  ///   - opacity: of the map, 0…1; 1 hides the picture.
  /// - Returns: a picture in RGB.
  /// - Throws: `invalidArgument` for another opacity.
  public func overlay(
    on image: Image, colors: ColorMap = .viridis, opacity: Float = 0.5
  ) throws(KerasError) -> Image {
    guard (0...1).contains(opacity) else {
      throw KerasError(.invalidArgument, "The opacity must be 0…1, found \(opacity).")
    }
    let table = colors.table
    let step = image.mode.bytesPerPixel
    let isGrey = image.mode.channelCount == 1
    // The high byte of 16 bits, which come with the low one first.
    let firstByte = image.mode == .grayscale16 ? 1 : 0
    var pixels = [UInt8](repeating: 0, count: image.height * image.width * 3)
    let rows = Self.places(count: image.height, among: height)
    let columns = Self.places(count: image.width, among: width)
    for (y, row) in rows.enumerated() {
      for (x, column) in columns.enumerated() {
        let color = table[min(255, Int((value(row, column) * 255).rounded()))]
        let pixel = y * image.width + x
        for channel in 0..<3 {
          let below = Float(image.pixels[pixel * step + (isGrey ? firstByte : channel)])
          pixels[3 * pixel + channel] = UInt8((below + (Float(color[channel]) - below) * opacity).rounded())
        }
      }
    }
    return try Image(width: image.width, height: image.height, mode: .rgb, pixels: pixels)
  }

  /// The values at another size, bilinear between the centres of the map's places, row by row.
  public func values(at size: ImageSize) throws(KerasError) -> [Float] {
    guard size.height > 0, size.width > 0, size.height <= Image.defaultMaximumPixelCount / size.width else {
      throw KerasError(.invalidArgument, "No picture is \(size.height) × \(size.width) pixels.")
    }
    let columns = Self.places(count: size.width, among: width)
    return Self.places(count: size.height, among: height).flatMap { row in
      columns.map { value(row, $0) }
    }
  }

  /// Between which two places of an axis something stands, and how far from the first.
  private typealias Place = (first: Int, second: Int, share: Float)

  private func value(_ row: Place, _ column: Place) -> Float {
    func along(_ row: Int) -> Float {
      let (first, second) = (self[row, column.first], self[row, column.second])
      return first + (second - first) * column.share
    }
    let (above, below) = (along(row.first), along(row.second))
    return above + (below - above) * row.share
  }

  /// Where the centres of `count` pixels stand among the centres of as many places; the edges go on outwards.
  private static func places(count: Int, among places: Int) -> [Place] {
    (0..<count).map { index in
      let position = (Float(index) + 0.5) * Float(places) / Float(count) - 0.5
      let inside = min(max(position, 0), Float(places - 1))
      let first = Int(inside)
      return (first, min(first + 1, places - 1), inside - Float(first))
    }
  }
}

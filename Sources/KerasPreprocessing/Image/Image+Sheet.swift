import KerasCore

extension Image {
  /// Pictures side by side in rows, with white between them.
  ///
  /// - Parameters:
  ///   - rows: pictures of any size; each is centred in a cell as large as the largest.
  ///   - gap: pixels between cells and around them.
  /// - Throws: `invalidArgument` without any picture, or where the sheet would have too many pixels.
  public static func sheet(_ rows: [[Image]], gap: Int = 4) throws(KerasError) -> Image {
    let all = rows.joined()
    let (cellWidth, cellHeight) = (all.map(\.width).max() ?? 0, all.map(\.height).max() ?? 0)
    let columns = rows.map(\.count).max() ?? 0
    try require(columns > 0 && (0...1000).contains(gap), "A sheet needs at least one picture.")
    let size = ImageSize(
      height: rows.count * (cellHeight + gap) + gap, width: columns * (cellWidth + gap) + gap)
    try size.requireReasonable()
    var pixels = [UInt8](repeating: 255, count: size.pixelCount * 3)
    for (row, pictures) in rows.enumerated() {
      for (column, picture) in pictures.enumerated() {
        let left = gap + column * (cellWidth + gap) + (cellWidth - picture.width) / 2
        let top = gap + row * (cellHeight + gap) + (cellHeight - picture.height) / 2
        for y in 0..<picture.height {
          for x in 0..<picture.width {
            let target = ((top + y) * size.width + left + x) * 3
            for channel in 0..<3 { pixels[target + channel] = picture.value(x, y, channel) }
          }
        }
      }
    }
    return try Image(width: size.width, height: size.height, mode: .rgb, pixels: pixels)
  }

  /// A colour of a pixel in eight bits; grey has one for all.
  private func value(_ x: Int, _ y: Int, _ channel: Int) -> UInt8 {
    let place = (y * width + x) * mode.bytesPerPixel
    return switch mode {
    case .grayscale: pixels[place]
    // The high byte stands last.
    case .grayscale16: pixels[place + 1]
    case .rgb, .rgba: pixels[place + channel]
    }
  }
}

import KerasModels
import KerasPreprocessing

extension Image {
  /// At a height, but no wider than four times that; small ones with their pixels visible.
  func fitted(to height: Int) throws(KerasError) -> Image {
    let width = min(max(Int((Double(width) * Double(height) / Double(self.height)).rounded()), 1), 4 * height)
    let size = ImageSize(height: height, width: width)
    return try coloredOnWhite().resized(to: size, using: self.height > height ? .bilinear : .nearest)
  }

  /// Pictures of one height with white between and around them.
  init(sideBySide images: [Image], gap: Int = 8) throws(KerasError) {
    let height = (images.map(\.height).max() ?? 0) + 2 * gap
    let width = images.reduce(gap) { $0 + $1.width + gap }
    var pixels = [UInt8](repeating: 255, count: height * width * 3)
    var left = gap
    for image in images {
      let colored = try image.coloredOnWhite()
      for row in 0..<image.height {
        let (from, to) = (row * image.width * 3, ((row + gap) * width + left) * 3)
        pixels.replaceSubrange(to..<to + image.width * 3, with: colored.pixels[from..<from + image.width * 3])
      }
      left += image.width + gap
    }
    try self.init(width: width, height: height, mode: .rgb, pixels: pixels)
  }

  /// In RGB as programs show pictures: what is transparent lets white through, and of 16 bits the high ones count.
  private func coloredOnWhite() throws(KerasError) -> Image {
    guard mode != .rgb else { return self }
    var colored = [UInt8](repeating: 0, count: height * width * 3)
    for place in 0..<height * width {
      for channel in 0..<3 {
        colored[3 * place + channel] =
          switch mode {
          case .grayscale: pixels[place]
          case .grayscale16: pixels[2 * place + 1]
          case .rgb: pixels[3 * place + channel]
          case .rgba: onWhite(pixels[4 * place + channel], opacity: pixels[4 * place + 3])
          }
      }
    }
    return try Image(width: width, height: height, mode: .rgb, pixels: colored)
  }
}

private func onWhite(_ level: UInt8, opacity: UInt8) -> UInt8 {
  let (level, opacity) = (Int(level), Int(opacity))
  return UInt8((level * opacity + 255 * (255 - opacity) + 127) / 255)
}

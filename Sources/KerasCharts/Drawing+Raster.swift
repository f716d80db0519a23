import KerasCore
import KerasPreprocessing

extension Drawing {
  /// The drawing as a picture, edges smoothed.
  ///
  /// - Parameter scale: pixels for a unit of length.
  /// - Throws: `invalidArgument` for a picture without pixels, or of too many.
  func picture(scale: Double) throws(KerasError) -> Image {
    var canvas = Canvas(
      width: max(Int((width * scale).rounded()), 1), height: max(Int((height * scale).rounded()), 1),
      scale: scale)
    for shape in shapes { canvas.draw(shape) }
    return try Image(width: canvas.width, height: canvas.height, mode: .rgb, pixels: canvas.pixels)
  }
}

/// Pixels that shapes are drawn on. A shape's pixels are covered as far as it reaches into them, and never twice.
private struct Canvas {
  let width: Int
  let height: Int
  private let scale: Double
  private(set) var pixels: [UInt8]

  init(width: Int, height: Int, scale: Double) {
    self.width = width
    self.height = height
    self.scale = scale
    pixels = [UInt8](repeating: 255, count: width * height * 3)
  }

  mutating func draw(_ shape: Drawing.Shape) {
    switch shape {
    case .line(let points, let color, let width, let dash):
      let strokes = dash.map { Self.dashes(points, length: $0) } ?? [points]
      draw(strokes.flatMap(Self.segments), radius: width / 2, color)
    case .circle(let center, let radius, let color): draw([(center, center)], radius: radius, color)
    case .rectangle(let corner, let width, let height, let color):
      let columns = clamped(corner.x..<corner.x + width, to: self.width)
      for y in clamped(corner.y..<corner.y + height, to: self.height) {
        for x in columns { blend(x, y, color, 1) }
      }
    case .text(let text, let place, let anchor, let size, let color, let isBold):
      let unit = Drawing.scale(ofSize: size)
      let whole = StrokeFont.width(text) * unit
      let middle = (StrokeFont.capital + StrokeFont.baseline) / 2
      var x =
        switch anchor {
        case .start: place.x
        case .middle: place.x - whole / 2
        case .end: place.x - whole
        }
      var segments: [Segment] = []
      for character in text.unicodeScalars {
        let glyph = StrokeFont.glyph(character)
        for stroke in glyph.strokes {
          segments += Self.segments(
            stroke.map { Point(x + ($0.x - glyph.left) * unit, place.y + ($0.y - middle) * unit) })
        }
        x += glyph.width * unit
      }
      draw(segments, radius: size * (isBold ? 0.075 : 0.05), color)
    }
  }

  private typealias Segment = (from: Point, to: Point)

  private static func segments(_ points: [Point]) -> [Segment] {
    points.count == 1 ? [(points[0], points[0])] : Array(zip(points, points.dropFirst()))
  }

  /// Strokes of a length with gaps as long between them.
  private static func dashes(_ points: [Point], length: Double) -> [[Point]] {
    var (strokes, left, isDrawn): ([[Point]], Double, Bool) = ([], length, true)
    var stroke = points.prefix(1).map { $0 }
    for (from, to) in segments(points) {
      let whole = (to.x - from.x, to.y - from.y)
      let distance = (whole.0 * whole.0 + whole.1 * whole.1).squareRoot()
      var done = 0.0
      while distance - done > left {
        done += left
        let place = Point(from.x + whole.0 * done / distance, from.y + whole.1 * done / distance)
        if isDrawn { strokes.append(stroke + [place]) }
        (stroke, isDrawn, left) = ([place], !isDrawn, length)
      }
      left -= distance - done
      stroke.append(to)
    }
    if isDrawn, stroke.count > 1 { strokes.append(stroke) }
    return strokes
  }

  /// Draws lines with round ends, as one shape.
  private mutating func draw(_ segments: [Segment], radius: Double, _ color: ChartColor) {
    let ends = segments.flatMap { [$0.from, $0.to] }.map { Point($0.x * scale, $0.y * scale) }
    let reach = radius * scale + 1
    guard let left = ends.map(\.x).min(), let right = ends.map(\.x).max(), let top = ends.map(\.y).min(),
      let bottom = ends.map(\.y).max()
    else { return }
    let columns = clamped(left - reach..<right + reach, to: width, scale: 1)
    let rows = clamped(top - reach..<bottom + reach, to: height, scale: 1)
    guard !columns.isEmpty, !rows.isEmpty else { return }
    var covered = [Float](repeating: 0, count: columns.count * rows.count)
    for start in stride(from: 0, to: ends.count, by: 2) {
      let (from, to) = (ends[start], ends[start + 1])
      let (dx, dy) = (to.x - from.x, to.y - from.y)
      let squared = dx * dx + dy * dy
      let near = clamped(min(from.x, to.x) - reach..<max(from.x, to.x) + reach, to: width, scale: 1)
      for y in clamped(min(from.y, to.y) - reach..<max(from.y, to.y) + reach, to: height, scale: 1) {
        for x in near {
          let (px, py) = (Double(x) + 0.5 - from.x, Double(y) + 0.5 - from.y)
          let along = squared > 0 ? min(max((px * dx + py * dy) / squared, 0), 1) : 0
          let (ox, oy) = (px - along * dx, py - along * dy)
          let cover = radius * scale + 0.5 - (ox * ox + oy * oy).squareRoot()
          let place = (y - rows.lowerBound) * columns.count + x - columns.lowerBound
          covered[place] = max(covered[place], Float(min(max(cover, 0), 1)))
        }
      }
    }
    for (row, y) in rows.enumerated() {
      for (column, x) in columns.enumerated() {
        let cover = covered[row * columns.count + column]
        if cover > 0 { blend(x, y, color, cover) }
      }
    }
  }

  /// The pixels of a stretch that are on the canvas.
  private func clamped(_ stretch: Range<Double>, to count: Int, scale: Double? = nil) -> Range<Int> {
    let scale = scale ?? self.scale
    let limit = Double(count)
    let first = Int(min(max((stretch.lowerBound * scale).rounded(), 0), limit))
    let last = Int(min(max((stretch.upperBound * scale).rounded(), 0), limit))
    return first..<max(first, last)
  }

  private mutating func blend(_ x: Int, _ y: Int, _ color: ChartColor, _ cover: Float) {
    let place = (y * width + x) * 3
    func mixed(_ old: UInt8, _ new: UInt8) -> UInt8 {
      UInt8((Float(old) + (Float(new) - Float(old)) * cover).rounded())
    }
    pixels[place] = mixed(pixels[place], color.red)
    pixels[place + 1] = mixed(pixels[place + 1], color.green)
    pixels[place + 2] = mixed(pixels[place + 2], color.blue)
  }
}

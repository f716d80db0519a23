/// A place: x to the right, y downwards.
struct Point: Hashable, Sendable {
  var x: Double
  var y: Double

  init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}

/// A colour, one byte each.
package struct ChartColor: Hashable, Sendable {
  var red: UInt8
  var green: UInt8
  var blue: UInt8

  init(_ hex: UInt32) {
    red = UInt8(truncatingIfNeeded: hex >> 16)
    green = UInt8(truncatingIfNeeded: hex >> 8)
    blue = UInt8(truncatingIfNeeded: hex)
  }

  static let ink = ChartColor(0x24292F)
  static let pale = ChartColor(0x6E7781)
  static let grid = ChartColor(0xE4E7EB)
  static let white = ChartColor(0xFFFFFF)
  /// Told apart by people who do not see all colours (Okabe and Ito).
  package static let blue = ChartColor(0x0072B2)
  package static let orange = ChartColor(0xD55E00)
  package static let green = ChartColor(0x009E73)
}

/// Shapes, one over the other: what becomes SVG or a picture.
struct Drawing {
  enum Anchor: String { case start, middle, end }

  enum Shape {
    /// A line through points, of one stroke.
    case line([Point], ChartColor, width: Double, dash: Double?)
    case rectangle(Point, width: Double, height: Double, ChartColor)
    case circle(Point, radius: Double, ChartColor)
    /// Its middle line runs through the point.
    case text(String, Point, Anchor, size: Double, ChartColor, isBold: Bool)
  }

  let width: Double
  let height: Double
  private(set) var shapes: [Shape] = []

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
    shapes = [.rectangle(Point(0, 0), width: width, height: height, .white)]
  }

  mutating func line(_ points: [Point], _ color: ChartColor, width: Double = 1, dash: Double? = nil) {
    shapes.append(.line(points, color, width: width, dash: dash))
  }

  mutating func circle(_ center: Point, radius: Double, _ color: ChartColor) {
    shapes.append(.circle(center, radius: radius, color))
  }

  mutating func text(
    _ text: String, at place: Point, _ anchor: Anchor = .start, size: Double = 12, _ color: ChartColor = .ink,
    isBold: Bool = false
  ) {
    shapes.append(.text(text, place, anchor, size: size, color, isBold: isBold))
  }

  /// How wide a text is, about: a reader's font is another.
  static func width(_ text: String, size: Double) -> Double { StrokeFont.width(text) * scale(ofSize: size) }

  /// What a letter's units are at a font size: capitals are 0.7 of it.
  static func scale(ofSize size: Double) -> Double { size * 0.7 / (StrokeFont.baseline - StrokeFont.capital) }
}

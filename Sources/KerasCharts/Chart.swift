import KerasCore
import KerasPreprocessing

/// Curves over common axes, in one panel or several, as SVG or as a picture.
package struct Chart: Sendable {
  package struct Series: Sendable {
    package var name: String
    package var points: [(x: Double, y: Double)]
    package var color: ChartColor

    package init(_ name: String, _ points: [(x: Double, y: Double)], _ color: ChartColor) {
      self.name = name
      self.points = points
      self.color = color
    }
  }

  package struct Panel: Sendable {
    package var title: String
    package var xTitle: String
    package var series: [Series]
    /// Whether equal distances to the right are equal factors.
    package var isLogarithmic: Bool
    /// Whether x counts something.
    package var isWhole: Bool
    /// A place on the x axis worth noting, and why.
    package var mark: (x: Double, text: String)?

    package init(
      _ title: String, xTitle: String, series: [Series], isLogarithmic: Bool = false, isWhole: Bool = false,
      mark: (x: Double, text: String)? = nil
    ) {
      self.title = title
      self.xTitle = xTitle
      self.series = series
      self.isLogarithmic = isLogarithmic
      self.isWhole = isWhole
      self.mark = mark
    }
  }

  package var title: String?
  package var panels: [Panel]

  package init(title: String? = nil, panels: [Panel]) {
    self.title = title
    self.panels = panels
  }

  /// The chart as SVG, without links to anything.
  package func svg() -> String { drawing().svg() }

  /// The chart as a picture.
  ///
  /// - Parameter scale: pixels for each that the SVG is wide.
  package func picture(scale: Double = 2) throws(KerasError) -> Image { try drawing().picture(scale: scale) }

  /// The endings of files that charts are written to.
  package static let fileEndings = ["svg", "png"]

  /// - Throws: `invalidArgument` for a path that ends in neither `.svg` nor `.png`.
  package static func checkPath(_ path: String) throws(KerasError) { _ = try ending(of: path) }

  private static func ending(of path: String) throws(KerasError) -> String {
    let name = path.split(separator: "/").last ?? ""
    let ending = name.contains(".") ? name.split(separator: ".").last?.lowercased() ?? "" : ""
    try require(
      fileEndings.contains(ending), .invalidArgument, "A plot is written as SVG or PNG.", path: [path],
      remedy: "let the file's name end in .svg or .png.")
    return ending
  }

  /// Writes the chart beside `path` and renames it.
  ///
  /// - Throws: `invalidArgument` for a path that ends in neither `.svg` nor `.png`; `fileAccess`.
  package func write(to path: String) throws(KerasError) {
    switch try Self.ending(of: path) {
    case "svg":
      let bytes = Array(svg().utf8)
      try writeFile(at: path) { (file) throws(KerasError) in try file.append(bytes) }
    default: try picture().save(to: path, as: .png)
    }
  }

  // MARK: Layout

  private static let panelWidth = 460.0
  private static let panelHeight = 300.0
  private static let columns = 2

  private func drawing() -> Drawing {
    let columns = max(min(panels.count, Self.columns), 1)
    let rows = max((panels.count + columns - 1) / columns, 1)
    let top = title == nil ? 8.0 : 36.0
    var drawing = Drawing(
      width: Double(columns) * Self.panelWidth, height: Double(rows) * Self.panelHeight + top)
    if let title {
      drawing.text(title, at: Point(drawing.width / 2, 22), .middle, size: 15, isBold: true)
    }
    for (index, panel) in panels.enumerated() {
      let corner = Point(
        Double(index % columns) * Self.panelWidth, top + Double(index / columns) * Self.panelHeight)
      panel.draw(on: &drawing, corner: corner, width: Self.panelWidth, height: Self.panelHeight)
    }
    return drawing
  }
}

extension Chart.Panel {
  /// Points are shown one by one where there are no more than this.
  private static let mostDots = 40

  fileprivate func draw(on drawing: inout Drawing, corner: Point, width: Double, height: Double) {
    let (left, right) = (corner.x + 58, corner.x + width - 18)
    let (top, bottom) = (corner.y + 34, corner.y + height - 46)
    let points = series.flatMap(\.points)
    let xAxis = Axis(
      points.map(\.x), isLogarithmic: isLogarithmic, isWhole: isWhole, isTight: true, count: isWhole ? 8 : 6)
    let yAxis = Axis(points.map(\.y))
    func x(_ place: Double) -> Double { left + place * (right - left) }
    func y(_ place: Double) -> Double { bottom - place * (bottom - top) }

    drawing.text(title, at: Point(left, corner.y + 16), size: 13, isBold: true)
    drawLegend(on: &drawing, right: right, y: corner.y + 16)
    for tick in yAxis.ticks {
      let height = y(yAxis.placeOnScale(tick.value))
      drawing.line([Point(left, height), Point(right, height)], .grid)
      drawing.text(tick.text, at: Point(left - 8, height), .end, size: 11, .pale)
    }
    for tick in xAxis.ticks {
      let place = x(xAxis.placeOnScale(tick.value))
      drawing.line([Point(place, bottom), Point(place, bottom + 4)], .pale)
      drawing.text(tick.text, at: Point(place, bottom + 14), .middle, size: 11, .pale)
    }
    drawing.line([Point(left, bottom), Point(right, bottom)], .pale)
    drawing.text(xTitle, at: Point((left + right) / 2, bottom + 32), .middle, size: 11, .pale)

    for series in series {
      // Where a number is none, the line is interrupted.
      var line: [Point] = []
      let places = series.points.map { point -> Point? in
        guard let across = xAxis.place(point.x), let up = yAxis.place(point.y) else { return nil }
        return Point(x(across), y(up))
      }
      for place in places + [nil] {
        if let place {
          line.append(place)
        } else {
          if line.count > 1 { drawing.line(line, series.color, width: 2) }
          line = []
        }
      }
      let dots = places.compactMap { $0 }
      if dots.count <= Self.mostDots { for dot in dots { drawing.circle(dot, radius: 3, series.color) } }
    }
    if let mark, let place = xAxis.place(mark.x), (0...1).contains(place) {
      let isLeft = place > 0.5
      drawing.line([Point(x(place), top), Point(x(place), bottom)], .ink, dash: 4)
      drawing.text(
        mark.text, at: Point(x(place) + (isLeft ? -6 : 6), top + 8), isLeft ? .end : .start, size: 11)
    }
  }

  private func drawLegend(on drawing: inout Drawing, right: Double, y: Double) {
    guard series.count > 1 else { return }
    var end = right
    for series in series.reversed() {
      drawing.text(series.name, at: Point(end, y), .end, size: 11)
      end -= Drawing.width(series.name, size: 11) + 6
      drawing.line([Point(end - 18, y), Point(end, y)], series.color, width: 2)
      end -= 18 + 14
    }
  }
}

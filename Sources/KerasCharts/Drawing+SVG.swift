extension Drawing {
  /// The drawing as SVG, without links to anything.
  func svg() -> String {
    let (width, height) = (short(self.width), short(self.height))
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
      font-family="system-ui, sans-serif">

      """
    for shape in shapes { text += svg(shape) + "\n" }
    return text + "</svg>\n"
  }

  private func svg(_ shape: Shape) -> String {
    switch shape {
    case .line(let points, let color, let width, let dash):
      let path = points.map { "\(short($0.x)),\(short($0.y))" }.joined(separator: " ")
      let dashes = dash.map { " stroke-dasharray=\"\(short($0)) \(short($0))\"" } ?? ""
      return
        "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(color.hex)\" stroke-width=\"\(short(width))\" "
        + "stroke-linejoin=\"round\" stroke-linecap=\"round\"\(dashes)/>"
    case .rectangle(let corner, let width, let height, let color):
      return "<rect x=\"\(short(corner.x))\" y=\"\(short(corner.y))\" width=\"\(short(width))\" "
        + "height=\"\(short(height))\" fill=\"\(color.hex)\"/>"
    case .circle(let center, let radius, let color):
      return
        "<circle cx=\"\(short(center.x))\" cy=\"\(short(center.y))\" r=\"\(short(radius))\" fill=\"\(color.hex)\"/>"
    case .text(let text, let place, let anchor, let size, let color, let isBold):
      // Half a capital below the middle line.
      return
        "<text x=\"\(short(place.x))\" y=\"\(short(place.y + size * 0.35))\" text-anchor=\"\(anchor.rawValue)\" "
        + "font-size=\"\(short(size))\"\(isBold ? " font-weight=\"600\"" : "") fill=\"\(color.hex)\">"
        + "\(text.asMarkup)</text>"
    }
  }

  /// A length with two decimals, without zeros behind.
  private func short(_ length: Double) -> String {
    let text = fixed(length, decimals: 2)
    let digits = text.reversed().drop { $0 == "0" }
    return String(String(digits.first == "." ? digits.dropFirst() : digits).reversed())
  }
}

extension ChartColor {
  fileprivate var hex: String {
    "#"
      + [red, green, blue].map { byte in
        let digits = String(byte, radix: 16)
        return digits.count < 2 ? "0" + digits : digits
      }.joined()
  }
}

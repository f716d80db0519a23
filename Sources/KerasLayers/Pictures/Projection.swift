import KerasGraph

/// Where each pixel of new pictures is found in the old ones: pixel (x, y) at
/// ((x₀·x + x₁·y + x₂) / k, (y₀·x + y₁·y + y₂) / k) with k = k₀·x + k₁·y + 1.
///
/// Numbers have the shape `[batch, 1, 1]`, or none.
package struct Projection {
  var x: [RecordedValue]
  var y: [RecordedValue]
  /// nil for an affine one.
  var depth: [RecordedValue]?

  /// The eight numbers in Keras' order, as `[batch, 8]` or `[8]`.
  package init(_ numbers: RecordedValue) {
    let graph = numbers.graph
    let rows = RecordedValue(in: graph) { () throws(KerasError) in
      let spec = try numbers.spec
      guard (1...2).contains(spec.shape.rank), spec.shape.last == 8, let count = spec.shape.elementCount
      else {
        throw KerasError(.shapeMismatch, "A projection is eight numbers for each picture, found \(spec).")
      }
      return try graph.reshape(graph.cast(numbers.value, to: .float32), to: [count / 8, 1, 8])
    }
    let elements = (0..<8).map { rows.element($0, axis: 2) }
    (x, y, depth) = (Array(elements[0..<3]), Array(elements[3..<6]), Array(elements[6..<8]))
  }

  init(x: [RecordedValue], y: [RecordedValue], depth: [RecordedValue]? = nil) {
    (self.x, self.y, self.depth) = (x, y, depth)
  }

  /// The one that has the corner (`end`) of each new picture show the corner (`start`) of the old one.
  ///
  /// - Parameter start: `[batch or 1, 4, 2]`: x and y of the corners in the order of reading.
  ///
  /// A unit square goes to any four points by a formula: Heckbert, "Fundamentals of Texture Mapping and Image
  /// Warping" (1989), section 2.2.3. This is the square's way to `start` after the way back from `end`.
  package init(from start: RecordedValue, to end: RecordedValue) {
    let (there, back) = (Self.square(to: start), Self.adjugate(Self.square(to: end)))
    func element(_ row: Int, _ column: Int) -> RecordedValue {
      let terms = (0..<3).map { there[row][$0] * back[$0][column] }
      return terms[0] + terms[1] + terms[2]
    }
    let last = element(2, 2)
    x = (0..<3).map { element(0, $0) / last }
    y = (0..<3).map { element(1, $0) / last }
    depth = (0..<2).map { element(2, $0) / last }
  }

  /// The matrix that takes the corners of the unit square to four points.
  private static func square(to points: RecordedValue) -> [[RecordedValue]] {
    // Around the square: top left, top right, bottom right, bottom left.
    let corners = [0, 1, 3, 2].map { points.element($0, axis: 1) }
    let (x, y) = (corners.map { $0.element(0, axis: 2) }, corners.map { $0.element(1, axis: 2) })
    let (sumX, sumY) = (x[0] - x[1] + x[2] - x[3], y[0] - y[1] + y[2] - y[3])
    let (firstX, firstY, lastX, lastY) = (x[1] - x[2], y[1] - y[2], x[3] - x[2], y[3] - y[2])
    let area = firstX * lastY - lastX * firstY
    let g = (sumX * lastY - lastX * sumY) / area
    let h = (firstX * sumY - sumX * firstY) / area
    return [
      [x[1] - x[0] + g * x[1], x[3] - x[0] + h * x[3], x[0]],
      [y[1] - y[0] + g * y[1], y[3] - y[0] + h * y[3], y[0]],
      [g, h, x[0] * 0 + 1],
    ]
  }

  /// The inverse but for a factor, which a projection does not see.
  private static func adjugate(_ m: [[RecordedValue]]) -> [[RecordedValue]] {
    func minor(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> RecordedValue {
      m[a][c] * m[b][d] - m[a][d] * m[b][c]
    }
    return [
      [minor(1, 2, 1, 2), -minor(0, 2, 1, 2), minor(0, 1, 1, 2)],
      [-minor(1, 2, 0, 2), minor(0, 2, 0, 2), -minor(0, 1, 0, 2)],
      [minor(1, 2, 0, 1), -minor(0, 2, 0, 1), minor(0, 1, 0, 1)],
    ]
  }

  /// This where `condition` holds, for all pictures at once, the other elsewhere; both affine.
  func kept(where condition: RecordedValue, else other: Projection) -> Projection {
    Projection(
      x: zip(x, other.x).map { $0.kept(where: condition, else: $1) },
      y: zip(y, other.y).map { $0.kept(where: condition, else: $1) })
  }
}

extension GraphBuilder {
  /// Pictures `[batch, height, width, channels]` seen through a projection, in their size.
  package func projected(
    _ pictures: RecordedValue, by projection: Projection, _ sampling: PictureSampling,
    _ filling: PictureFilling, value: Double
  ) throws(KerasError) -> RecordedValue {
    guard let lengths = try pictures.spec.shape.known else { return pictures }
    let (height, width) = (lengths[1], lengths[2])
    let column = numbers((0..<width).map { Float($0) }, [1, 1, width])
    let row = numbers((0..<height).map { Float($0) }, [1, height, 1])
    func place(_ m: [RecordedValue]) -> RecordedValue { m[0] * column + m[1] * row + m[2] }
    var (x, y) = (place(projection.x), place(projection.y))
    var isSeen: RecordedValue?
    if let depth = projection.depth {
      let k = depth[0] * column + depth[1] * row + 1
      let seen = k .!= 0
      let divisor = k.kept(where: seen, else: 1)
      (x, y, isSeen) = (x / divisor, y / divisor, seen)
    }
    return try sampled(
      pictures, x: filling.inside(x, width), y: filling.inside(y, height), sampling,
      filling: filling == .constant || isSeen != nil ? value : nil, isSeen: isSeen)
  }

  /// The values of pictures `[batch, height, width, channels]` at places `[batch or 1, rows, columns]`.
  ///
  /// - Parameters:
  ///   - folding: where whole places beyond the border are found.
  ///   - filling: what is there instead, if anything.
  ///   - isSeen: where the places count; there is filling elsewhere.
  func sampled(
    _ pictures: RecordedValue, x: RecordedValue, y: RecordedValue, _ sampling: PictureSampling,
    folding: CoordinateFilling = .nearest, filling: Double?, isSeen: RecordedValue? = nil
  ) throws(KerasError) -> RecordedValue {
    guard let lengths = try pictures.spec.shape.known else { return pictures }
    let (batch, height, width, channels) = (lengths[0], lengths[1], lengths[2], lengths[3])
    let pixels = checkedElementCount([batch, height, width])
    try require(
      pixels.map { $0 <= Int(Int32.max) } ?? false, .shapeMismatch,
      "\(batch) pictures of \(height)×\(width) pixels are too many to be sampled at once.")
    let flat = pictures.reshaped([batch * height * width, channels])
    let first = numbers((0..<batch).map { Int32($0 * height * width) }, [batch, 1, 1])

    /// The pixels at whole places.
    func read(_ column: RecordedValue, _ row: RecordedValue) -> RecordedValue {
      let (x, y) = (folding.inside(column, width), folding.inside(row, height))
      let index = first + y.cast(to: .int32) * Double(width) + x.cast(to: .int32)
      let pixels = flat.gathered(at: index)
      guard let filling else { return pixels }
      var isInside = (column .>= 0).and(column .<= Double(width - 1)).and(row .>= 0)
        .and(row .<= Double(height - 1))
      if let isSeen { isInside = isInside.and(isSeen) }
      return pixels.kept(where: expanded(isInside), else: filling)
    }
    /// With an axis for the channels.
    func expanded(_ value: RecordedValue) -> RecordedValue {
      RecordedValue(in: self) { () throws(KerasError) in try expandDimensions(value.value, axis: -1) }
    }
    switch sampling {
    case .nearest: return read(Self.rounded(x), Self.rounded(y))
    case .bilinear:
      let (left, top) = (x.applying(.floor), y.applying(.floor))
      let (right, bottom) = (left + 1, top + 1)
      let (toRight, toLeft) = (expanded(x - left), expanded(right - x))
      let upper = toLeft * read(left, top) + toRight * read(right, top)
      let lower = toLeft * read(left, bottom) + toRight * read(right, bottom)
      return expanded(bottom - y) * upper + expanded(y - top) * lower
    }
  }

  /// To the nearest whole number, halves away from zero.
  private static func rounded(_ x: RecordedValue) -> RecordedValue {
    x.applying(.sign) * (x.applying(.absolute) + 0.5).applying(.floor)
  }
}

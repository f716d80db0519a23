/// Products of tensors, and parts of matrices.
extension GraphBuilder {
  /// Products summed along the last `count` axes of `a` and the first of `b`, as `keras.ops.tensordot`.
  public func tensorDot(_ a: Value, _ b: Value, count: Int = 2) throws(KerasError) -> Value {
    let (first, second) = (shape(of: a).rank, shape(of: b).rank)
    guard (0...min(first, second)).contains(count) else {
      throw KerasError(
        .invalidArgument, "\(spec(of: a)) and \(spec(of: b)) have no \(count) axes to sum along.")
    }
    return try tensorDot(a, b, axes: Array((first - count)..<first), Array(0..<count))
  }

  /// Products summed along pairs of axes; the axes that are left are those of `a` and then those of `b`.
  public func tensorDot(_ a: Value, _ b: Value, axes first: [Int], _ second: [Int]) throws(KerasError)
    -> Value
  {
    guard first.count == second.count else {
      throw KerasError(.invalidArgument, "Axes are summed in pairs, found \(first) and \(second).")
    }
    let ranks = (shape(of: a).rank, shape(of: b).rank)
    let labels = Array(0..<ranks.0)
    var others = (0..<ranks.1).map { ranks.0 + $0 }
    var summed: Set<Int> = []
    for (x, y) in zip(first, second) {
      let axis = try resolvedAxis(x, rank: ranks.0)
      guard summed.insert(axis).inserted else {
        throw KerasError(.invalidArgument, "Axes \(first) name one axis twice.")
      }
      others[try resolvedAxis(y, rank: ranks.1)] = axis
    }
    return try contract(
      [LabeledValue(value: a, labels: labels), LabeledValue(value: b, labels: others)],
      to: (labels + others).filter { !summed.contains($0) })
  }

  /// Each element of `a` times each of `b`: `[elements of a, elements of b]`.
  public func outer(_ a: Value, _ b: Value) throws(KerasError) -> Value {
    try multiply(expandDimensions(flatten(a), axis: 1), expandDimensions(flatten(b), axis: 0))
  }

  /// The sum along a diagonal of two axes.
  public func trace(_ x: Value, offset: Int = 0, axes: (Int, Int) = (0, 1)) throws(KerasError) -> Value {
    try sum(diagonal(x, offset: offset, axes: axes), axes: [-1])
  }

  /// Matrices with zeros above a diagonal.
  ///
  /// - Parameter offset: of the diagonal: how far above the middle one, or below where negative.
  public func lowerTriangle(of x: Value, offset: Int = 0) throws(KerasError) -> Value {
    try select(triangle(of: x, offset), x, scalar(0, like: x))
  }

  /// Matrices with zeros below a diagonal.
  public func upperTriangle(of x: Value, offset: Int = 0) throws(KerasError) -> Value {
    try select(triangle(of: x, offset - 1), scalar(0, like: x), x)
  }

  private func triangle(of x: Value, _ offset: Int) throws(KerasError) -> Value {
    let shape = shape(of: x)
    guard shape.rank >= 2 else {
      throw KerasError(.shapeMismatch, "A triangle is part of a matrix, found \(spec(of: x)).")
    }
    return try lowerTriangle(rows: shape[shape.rank - 2], columns: shape[shape.rank - 1], offset: offset)
  }

  /// Each element minus the one before it along an axis, `count` times over.
  public func difference(_ x: Value, count: Int = 1, axis: Int = -1) throws(KerasError) -> Value {
    var result = x
    for _ in 0..<max(count, 0) {
      let axis = try resolvedAxis(axis, rank: shape(of: x).rank)
      guard let length = shape(of: result)[axis] else { return placeholder(spec(of: x)) }
      let (later, earlier) = (
        try slice(result, axis: axis, from: min(1, length), count: max(length - 1, 0)),
        try slice(result, axis: axis, from: 0, count: max(length - 1, 0))
      )
      result = try binary(.subtract, later, earlier)
    }
    return result
  }

  /// The mean of elements, each counted with a weight of the same shape.
  public func average(
    _ x: Value, weights: Value, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Value {
    let counted = try broadcast(weights, to: shape(of: x))
    return try binary(
      .divide, sum(multiply(x, counted), axes: axes, keepsDimensions: keepsDimensions),
      sum(counted, axes: axes, keepsDimensions: keepsDimensions))
  }
}

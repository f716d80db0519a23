/// Sums, means and lengths of vectors along axes.
///
/// `axes` may be negative (counted from the back); nil means all. `keepsDimensions` leaves reduced axes in place with
/// length 1.
extension GraphBuilder {
  /// The sum along `axes`.
  ///
  /// - Throws: `invalidArgument` for an axis that is not there.
  public func sum(_ x: Value, axes: [Int]? = nil, keepsDimensions: Bool = false) throws(KerasError) -> Value {
    try reduce(.sum, x, axes: resolvedAxes(axes, of: x), keepsDimensions: keepsDimensions)
  }

  /// The mean along `axes`. Throws as ``sum(_:axes:keepsDimensions:)``.
  public func mean(_ x: Value, axes: [Int]? = nil, keepsDimensions: Bool = false) throws(KerasError) -> Value
  {
    try reduce(.mean, x, axes: resolvedAxes(axes, of: x), keepsDimensions: keepsDimensions)
  }

  /// The largest element along `axes`. Throws as ``sum(_:axes:keepsDimensions:)``.
  public func maximum(of x: Value, axes: [Int]? = nil, keepsDimensions: Bool = false) throws(KerasError)
    -> Value
  {
    try reduce(.maximum, x, axes: resolvedAxes(axes, of: x), keepsDimensions: keepsDimensions)
  }

  /// The smallest element along `axes`. Throws as ``sum(_:axes:keepsDimensions:)``.
  public func minimum(of x: Value, axes: [Int]? = nil, keepsDimensions: Bool = false) throws(KerasError)
    -> Value
  {
    try reduce(.minimum, x, axes: resolvedAxes(axes, of: x), keepsDimensions: keepsDimensions)
  }

  /// The mean, and the mean of squared distances from it (the population's variance).
  public func moments(
    _ x: Value, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> (mean: Value, variance: Value) {
    let axes = try resolvedAxes(axes, of: x)
    let mean = try reduce(.mean, x, axes: axes, keepsDimensions: true)
    let squares = try unary(.square, binary(.subtract, x, mean))
    let variance = try reduce(.mean, squares, axes: axes, keepsDimensions: keepsDimensions)
    return (keepsDimensions ? mean : try squeeze(mean, axes: axes), variance)
  }

  /// The mean of squared distances from the mean.
  public func variance(_ x: Value, axes: [Int]? = nil, keepsDimensions: Bool = false) throws(KerasError)
    -> Value
  {
    try moments(x, axes: axes, keepsDimensions: keepsDimensions).variance
  }

  /// The square root of the ``variance(_:axes:keepsDimensions:)``.
  public func standardDeviation(
    _ x: Value, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Value {
    try unary(.squareRoot, variance(x, axes: axes, keepsDimensions: keepsDimensions))
  }

  /// `ln Σ eˣ`, computed after subtracting the maximum, so that nothing overflows.
  public func logSumExp(_ x: Value, axes: [Int]? = nil, keepsDimensions: Bool = false) throws(KerasError)
    -> Value
  {
    let axes = try resolvedAxes(axes, of: x)
    let largest = try stoppingGradient(reduce(.maximum, x, axes: axes, keepsDimensions: true))
    // Where everything is −∞ there is nothing to subtract.
    let finite = try compare(.less, unary(.absolute, largest), .infinity)
    let offset = try select(finite, largest, scalar(0, like: largest))
    let sum = try reduce(
      .sum, unary(.exponential, binary(.subtract, x, offset)), axes: axes, keepsDimensions: true)
    let result = try add(unary(.logarithm, sum), offset)
    return keepsDimensions ? result : try squeeze(result, axes: axes)
  }

  /// Whether any element is true, or not 0.
  public func any(_ x: Value, axes: [Int]? = nil, keepsDimensions: Bool = false) throws(KerasError) -> Value {
    let flags = try cast(cast(x, to: .bool), to: .int32)
    return try cast(maximum(of: flags, axes: axes, keepsDimensions: keepsDimensions), to: .bool)
  }

  /// Whether all elements are true, or not 0.
  public func all(_ x: Value, axes: [Int]? = nil, keepsDimensions: Bool = false) throws(KerasError) -> Value {
    let flags = try cast(cast(x, to: .bool), to: .int32)
    return try cast(minimum(of: flags, axes: axes, keepsDimensions: keepsDimensions), to: .bool)
  }

  /// How many elements are not 0, as `int32`.
  public func countNonzero(_ x: Value, axes: [Int]? = nil, keepsDimensions: Bool = false) throws(KerasError)
    -> Value
  {
    try sum(cast(cast(x, to: .bool), to: .int32), axes: axes, keepsDimensions: keepsDimensions)
  }

  /// The norm of vectors: of order 2 the root of the sum of squares, of order 1 the sum of absolute values, of order
  /// ∞ the largest absolute value, −∞ the smallest, 0 the number of elements that are not 0, and for any other p
  /// `(Σ |x|ᵖ)^(1/p)`.
  public func norm(
    _ x: Value, order: Double = 2, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Value {
    switch order {
    case 2:
      return try unary(.squareRoot, sum(unary(.square, x), axes: axes, keepsDimensions: keepsDimensions))
    case 1: return try sum(unary(.absolute, x), axes: axes, keepsDimensions: keepsDimensions)
    case .infinity: return try maximum(of: unary(.absolute, x), axes: axes, keepsDimensions: keepsDimensions)
    case -.infinity: return try minimum(of: unary(.absolute, x), axes: axes, keepsDimensions: keepsDimensions)
    case 0:
      return try cast(
        countNonzero(x, axes: axes, keepsDimensions: keepsDimensions), to: spec(of: x).dataType)
    default:
      let powers = try binary(.power, unary(.absolute, x), scalar(order, like: x))
      let sum = try sum(powers, axes: axes, keepsDimensions: keepsDimensions)
      return try binary(.power, sum, scalar(1 / order, like: x))
    }
  }

  /// Vectors scaled to norm 1, as `keras.ops.normalize`: those whose norm is below `epsilon` are divided by that.
  public func normalize(
    _ x: Value, order: Double = 2, axes: [Int]? = [-1], epsilon: Double = 1e-7
  ) throws(KerasError) -> Value {
    if order == 2 {
      let squares = try sum(unary(.square, x), axes: axes, keepsDimensions: true)
      let scale = try binary(
        .minimum, unary(.reciprocalSquareRoot, squares), scalar(1 / epsilon, like: x))
      return try multiply(x, scale)
    }
    let norm = try norm(x, order: order, axes: axes, keepsDimensions: true)
    return try binary(.divide, x, binary(.maximum, norm, scalar(epsilon, like: x)))
  }
}

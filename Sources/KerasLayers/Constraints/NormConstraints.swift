import KerasGraph

/// Keras' `epsilon`, which keeps divisions by a norm of 0 finite.
private let epsilon: Float = 1e-7

/// The Euclidean norm along axes, which stay with length 1.
private func norm(_ w: Value, _ axis: AxisSelection, in graph: GraphBuilder) throws(KerasError) -> Value {
  let axes = try axis.resolved(rank: graph.shape(of: w).rank)
  return try graph.unary(
    .squareRoot, graph.reduce(.sum, graph.unary(.square, w), axes: axes, keepsDimensions: true))
}

/// `w · desired / (epsilon + norm)`
private func rescaled(
  _ w: Value, norm: Value, to desired: Value, in graph: GraphBuilder
) throws(KerasError) -> Value {
  let divisor = try graph.unary(.linear(scale: 1, offset: epsilon), norm)
  return try graph.multiply(w, graph.binary(.divide, desired, divisor))
}

/// Vectors along `axis` no longer than `maximum`.
///
/// For `Dense` kernels the axis is 0; for kernels of `Conv2D`, `[0, 1, 2]`.
public struct MaxNorm: Constraint {
  @Setting("max_value") public private(set) var maximum: Double
  @Setting("axis") public private(set) var axis: AxisSelection

  public init(_ maximum: Double = 2, axis: AxisSelection = 0) {
    self.maximum = maximum
    self.axis = axis
  }

  public func apply(to w: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    let norm = try norm(w, axis, in: graph)
    return try rescaled(w, norm: norm, to: graph.unary(.clip(low: 0, high: Float(maximum)), norm), in: graph)
  }
}

/// Vectors along `axis` moved (by the share `rate` of the way) to a length between two bounds.
public struct MinMaxNorm: Constraint {
  @Setting("min_value") public private(set) var minimum: Double
  @Setting("max_value") public private(set) var maximum: Double
  @Setting("rate") public private(set) var rate: Double
  @Setting("axis") public private(set) var axis: AxisSelection

  public init(minimum: Double = 0, maximum: Double = 1, rate: Double = 1, axis: AxisSelection = 0) {
    self.minimum = minimum
    self.maximum = maximum
    self.rate = rate
    self.axis = axis
  }

  public func apply(to w: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    let norm = try norm(w, axis, in: graph)
    let cut = try graph.unary(.clip(low: Float(minimum), high: Float(maximum)), norm)
    let desired = try graph.add(
      graph.unary(.linear(scale: Float(rate), offset: 0), cut),
      graph.unary(.linear(scale: Float(1 - rate), offset: 0), norm))
    return try rescaled(w, norm: norm, to: desired, in: graph)
  }
}

/// Vectors along `axis` of length 1.
public struct UnitNorm: Constraint {
  @Setting("axis") public private(set) var axis: AxisSelection

  public init(axis: AxisSelection = 0) { self.axis = axis }

  public func apply(to w: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    let divisor = try graph.unary(.linear(scale: 1, offset: epsilon), norm(w, axis, in: graph))
    return try graph.binary(.divide, w, divisor)
  }
}

/// No element below 0.
public struct NonNegative: Constraint {
  public init() {}

  public var className: String { "NonNeg" }

  public func apply(to w: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    try graph.binary(.maximum, w, graph.scalar(0, like: w))
  }
}

extension Constraint where Self == MaxNorm {
  public static func maxNorm(_ maximum: Double = 2, axis: AxisSelection = 0) -> MaxNorm {
    MaxNorm(maximum, axis: axis)
  }
}

extension Constraint where Self == MinMaxNorm {
  public static func minMaxNorm(
    minimum: Double = 0, maximum: Double = 1, rate: Double = 1, axis: AxisSelection = 0
  ) -> MinMaxNorm {
    MinMaxNorm(minimum: minimum, maximum: maximum, rate: rate, axis: axis)
  }
}

extension Constraint where Self == UnitNorm {
  public static var unitNorm: UnitNorm { UnitNorm() }
  public static func unitNorm(axis: AxisSelection) -> UnitNorm { UnitNorm(axis: axis) }
}

extension Constraint where Self == NonNegative {
  public static var nonNegative: NonNegative { NonNegative() }
}

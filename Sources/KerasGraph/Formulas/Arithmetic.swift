/// A function of two operands that has an operator.
public enum PairFunction: String, Hashable, Sendable, CaseIterable {
  case add, subtract, multiply, divide
  case equal, notEqual, less, lessEqual, greater, greaterEqual
}

/// One side of an operator: a tensor, or a number in its place.
public enum Term<Element> {
  case element(Element)
  case number(Double)
}

/// What can be computed with by operators: tensors (at once), symbolic tensors (layers of a model) and the values of a
/// layer's `call` (recorded into its graph).
///
/// ```swift
/// let y = try 1 - x * 0.5          // of tensors; shapes that do not broadcast are thrown
/// let z = (a + b) / 2              // of symbolic tensors and recorded values; errors wait for whoever uses `z`
/// let isLarge = try x .> 0.5       // comparisons have a point, as those of Swift's SIMD types
/// ```
/// Shapes broadcast and types are promoted as in Keras: a number takes the type of the tensor beside it if that can
/// hold it, and a quotient of whole numbers is a `float32`.
public protocol Arithmetic {
  /// What an operator throws: `Never` where errors are kept in the result.
  associatedtype Failure: Error

  /// Applies `function` to two terms, of which at least one is no number.
  static func computing(
    _ function: PairFunction, _ a: Term<Self>, _ b: Term<Self>
  ) throws(Failure) -> Self

  /// −x
  static func negating(_ x: Self) throws(Failure) -> Self
}

// MARK: - Operators

extension Arithmetic {
  public static prefix func - (x: Self) throws(Failure) -> Self { try negating(x) }

  public static func + (a: Self, b: Self) throws(Failure) -> Self {
    try computing(.add, .element(a), .element(b))
  }
  public static func + (a: Self, b: Double) throws(Failure) -> Self {
    try computing(.add, .element(a), .number(b))
  }
  public static func + (a: Double, b: Self) throws(Failure) -> Self {
    try computing(.add, .number(a), .element(b))
  }
  public static func - (a: Self, b: Self) throws(Failure) -> Self {
    try computing(.subtract, .element(a), .element(b))
  }
  public static func - (a: Self, b: Double) throws(Failure) -> Self {
    try computing(.subtract, .element(a), .number(b))
  }
  public static func - (a: Double, b: Self) throws(Failure) -> Self {
    try computing(.subtract, .number(a), .element(b))
  }
  public static func * (a: Self, b: Self) throws(Failure) -> Self {
    try computing(.multiply, .element(a), .element(b))
  }
  public static func * (a: Self, b: Double) throws(Failure) -> Self {
    try computing(.multiply, .element(a), .number(b))
  }
  public static func * (a: Double, b: Self) throws(Failure) -> Self {
    try computing(.multiply, .number(a), .element(b))
  }
  public static func / (a: Self, b: Self) throws(Failure) -> Self {
    try computing(.divide, .element(a), .element(b))
  }
  public static func / (a: Self, b: Double) throws(Failure) -> Self {
    try computing(.divide, .element(a), .number(b))
  }
  public static func / (a: Double, b: Self) throws(Failure) -> Self {
    try computing(.divide, .number(a), .element(b))
  }
  public static func .== (a: Self, b: Self) throws(Failure) -> Self {
    try computing(.equal, .element(a), .element(b))
  }
  public static func .== (a: Self, b: Double) throws(Failure) -> Self {
    try computing(.equal, .element(a), .number(b))
  }
  public static func .== (a: Double, b: Self) throws(Failure) -> Self {
    try computing(.equal, .number(a), .element(b))
  }
  public static func .!= (a: Self, b: Self) throws(Failure) -> Self {
    try computing(.notEqual, .element(a), .element(b))
  }
  public static func .!= (a: Self, b: Double) throws(Failure) -> Self {
    try computing(.notEqual, .element(a), .number(b))
  }
  public static func .!= (a: Double, b: Self) throws(Failure) -> Self {
    try computing(.notEqual, .number(a), .element(b))
  }
  public static func .< (a: Self, b: Self) throws(Failure) -> Self {
    try computing(.less, .element(a), .element(b))
  }
  public static func .< (a: Self, b: Double) throws(Failure) -> Self {
    try computing(.less, .element(a), .number(b))
  }
  public static func .< (a: Double, b: Self) throws(Failure) -> Self {
    try computing(.less, .number(a), .element(b))
  }
  public static func .<= (a: Self, b: Self) throws(Failure) -> Self {
    try computing(.lessEqual, .element(a), .element(b))
  }
  public static func .<= (a: Self, b: Double) throws(Failure) -> Self {
    try computing(.lessEqual, .element(a), .number(b))
  }
  public static func .<= (a: Double, b: Self) throws(Failure) -> Self {
    try computing(.lessEqual, .number(a), .element(b))
  }
  public static func .> (a: Self, b: Self) throws(Failure) -> Self {
    try computing(.greater, .element(a), .element(b))
  }
  public static func .> (a: Self, b: Double) throws(Failure) -> Self {
    try computing(.greater, .element(a), .number(b))
  }
  public static func .> (a: Double, b: Self) throws(Failure) -> Self {
    try computing(.greater, .number(a), .element(b))
  }
  public static func .>= (a: Self, b: Self) throws(Failure) -> Self {
    try computing(.greaterEqual, .element(a), .element(b))
  }
  public static func .>= (a: Self, b: Double) throws(Failure) -> Self {
    try computing(.greaterEqual, .element(a), .number(b))
  }
  public static func .>= (a: Double, b: Self) throws(Failure) -> Self {
    try computing(.greaterEqual, .number(a), .element(b))
  }
}

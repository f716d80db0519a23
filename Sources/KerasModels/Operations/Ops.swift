import KerasLayers

/// Operations on tensors, on symbolic tensors and, inside layers, on values: one set of functions under Keras' names.
///
/// ```swift
/// let y = try Ops.softmax(Ops.matmul(x, w))              // tensors: computed at once
/// let z = try Ops.concatenate([a, b], axis: -1)          // symbolic tensors: part of a model
/// ```
/// Shapes broadcast as NumPy's. Errors are `shapeMismatch` and `invalidArgument` of the shape rules.
public enum Ops {
  static func one<Element: Operand>(
    _ name: String, _ operands: [Element],
    _ record: @escaping @Sendable (GraphBuilder, [Value]) throws(KerasError) -> Value
  ) throws(KerasError) -> Element {
    let results = try Element.applying(name, to: operands) { (graph, values) throws(KerasError) in
      [try record(graph, values)]
    }
    guard let first = results.first else {
      throw KerasError(.invalidArgument, "\(name) needs at least one tensor.")
    }
    return first
  }
}

// MARK: - Functions of one number

extension Ops {
  /// max(x, 0)
  public static func relu<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("relu", [x]) { (graph, x) throws(KerasError) in try graph.unary(.relu, x[0]) }
  }

  /// min(max(x, 0), 6)
  public static func relu6<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("relu6", [x]) { (graph, x) throws(KerasError) in try graph.unary(.relu6, x[0]) }
  }

  /// 1 / (1 + e⁻ˣ)
  public static func sigmoid<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("sigmoid", [x]) { (graph, x) throws(KerasError) in try graph.unary(.sigmoid, x[0]) }
  }

  /// The hyperbolic tangent.
  public static func tanh<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("tanh", [x]) { (graph, x) throws(KerasError) in try graph.unary(.tanh, x[0]) }
  }

  /// ln(1 + eˣ)
  public static func softplus<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("softplus", [x]) { (graph, x) throws(KerasError) in try graph.unary(.softplus, x[0]) }
  }

  /// x / (1 + |x|)
  public static func softsign<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("softsign", [x]) { (graph, x) throws(KerasError) in try graph.unary(.softsign, x[0]) }
  }

  /// eˣ
  public static func exp<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("exp", [x]) { (graph, x) throws(KerasError) in try graph.unary(.exponential, x[0]) }
  }

  /// eˣ − 1, exact near 0.
  public static func expm1<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("expm1", [x]) { (graph, x) throws(KerasError) in try graph.unary(.exponentialMinusOne, x[0]) }
  }

  /// The natural logarithm.
  public static func log<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("log", [x]) { (graph, x) throws(KerasError) in try graph.unary(.logarithm, x[0]) }
  }

  /// ln(1 + x), exact near 0.
  public static func log1p<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("log1p", [x]) { (graph, x) throws(KerasError) in try graph.unary(.logarithmOfOnePlus, x[0]) }
  }

  /// The square root.
  public static func sqrt<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("sqrt", [x]) { (graph, x) throws(KerasError) in try graph.unary(.squareRoot, x[0]) }
  }

  /// 1 / √x
  public static func rsqrt<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("rsqrt", [x]) { (graph, x) throws(KerasError) in try graph.unary(.reciprocalSquareRoot, x[0]) }
  }

  /// 1 / x
  public static func reciprocal<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("reciprocal", [x]) { (graph, x) throws(KerasError) in try graph.unary(.reciprocal, x[0]) }
  }

  /// x²
  public static func square<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("square", [x]) { (graph, x) throws(KerasError) in try graph.unary(.square, x[0]) }
  }

  /// |x|
  public static func abs<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("abs", [x]) { (graph, x) throws(KerasError) in try graph.unary(.absolute, x[0]) }
  }

  /// −x
  public static func negative<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("negative", [x]) { (graph, x) throws(KerasError) in try graph.unary(.negate, x[0]) }
  }

  /// −1, 0 or 1.
  public static func sign<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("sign", [x]) { (graph, x) throws(KerasError) in try graph.unary(.sign, x[0]) }
  }

  /// The largest whole number that is not larger.
  public static func floor<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("floor", [x]) { (graph, x) throws(KerasError) in try graph.unary(.floor, x[0]) }
  }

  /// The smallest whole number that is not smaller.
  public static func ceil<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("ceil", [x]) { (graph, x) throws(KerasError) in try graph.unary(.ceiling, x[0]) }
  }

  /// The nearest whole number, halves to the even one.
  public static func round<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("round", [x]) { (graph, x) throws(KerasError) in try graph.unary(.round, x[0]) }
  }

  /// The sine.
  public static func sin<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("sin", [x]) { (graph, x) throws(KerasError) in try graph.unary(.sine, x[0]) }
  }

  /// The cosine.
  public static func cos<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("cos", [x]) { (graph, x) throws(KerasError) in try graph.unary(.cosine, x[0]) }
  }

  /// The tangent.
  public static func tan<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("tan", [x]) { (graph, x) throws(KerasError) in try graph.unary(.tangent, x[0]) }
  }

  /// The inverse sine.
  public static func arcsin<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("arcsin", [x]) { (graph, x) throws(KerasError) in try graph.unary(.arcsine, x[0]) }
  }

  /// The inverse cosine.
  public static func arccos<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("arccos", [x]) { (graph, x) throws(KerasError) in try graph.unary(.arccosine, x[0]) }
  }

  /// The inverse tangent.
  public static func arctan<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("arctan", [x]) { (graph, x) throws(KerasError) in try graph.unary(.arctangent, x[0]) }
  }

  /// The hyperbolic sine.
  public static func sinh<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("sinh", [x]) { (graph, x) throws(KerasError) in try graph.unary(.hyperbolicSine, x[0]) }
  }

  /// The hyperbolic cosine.
  public static func cosh<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("cosh", [x]) { (graph, x) throws(KerasError) in try graph.unary(.hyperbolicCosine, x[0]) }
  }

  /// The error function.
  public static func erf<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("erf", [x]) { (graph, x) throws(KerasError) in try graph.unary(.errorFunction, x[0]) }
  }
}

// MARK: - Functions of two numbers

extension Ops {
  /// a + b
  public static func add<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("add", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.add, x[0], x[1]) }
  }

  /// a − b
  public static func subtract<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("subtract", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.subtract, x[0], x[1]) }
  }

  /// a · b
  public static func multiply<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("multiply", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.multiply, x[0], x[1]) }
  }

  /// a / b
  public static func divide<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("divide", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.divide, x[0], x[1]) }
  }

  /// The quotient rounded down.
  public static func floorDivide<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("floor_divide", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.floorDivide, x[0], x[1]) }
  }

  /// What ``floorDivide(_:_:)`` leaves, of the divisor's sign.
  public static func mod<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("mod", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.remainder, x[0], x[1]) }
  }

  /// The larger of two.
  public static func maximum<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("maximum", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.maximum, x[0], x[1]) }
  }

  /// The smaller of two.
  public static func minimum<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("minimum", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.minimum, x[0], x[1]) }
  }

  /// aᵇ
  public static func power<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("power", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.power, x[0], x[1]) }
  }

  /// The angle of the point (b, a).
  public static func arctan2<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("arctan2", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.arctangent2, x[0], x[1]) }
  }

  /// Whether both hold.
  public static func logicalAnd<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("logical_and", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.logicalAnd, x[0], x[1]) }
  }

  /// Whether one holds.
  public static func logicalOr<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("logical_or", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.logicalOr, x[0], x[1]) }
  }

  /// Whether exactly one holds.
  public static func logicalXor<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("logical_xor", [a, b]) { (graph, x) throws(KerasError) in try graph.binary(.logicalXor, x[0], x[1]) }
  }

  /// Whether `a` is equal to `b`, as `bool`.
  public static func equal<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("equal", [a, b]) { (graph, x) throws(KerasError) in try graph.compare(.equal, x[0], x[1]) }
  }

  /// Whether `a` is not equal to `b`, as `bool`.
  public static func notEqual<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("not_equal", [a, b]) { (graph, x) throws(KerasError) in try graph.compare(.notEqual, x[0], x[1]) }
  }

  /// Whether `a` is less than `b`, as `bool`.
  public static func less<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("less", [a, b]) { (graph, x) throws(KerasError) in try graph.compare(.less, x[0], x[1]) }
  }

  /// Whether `a` is at most `b`, as `bool`.
  public static func lessEqual<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("less_equal", [a, b]) { (graph, x) throws(KerasError) in try graph.compare(.lessEqual, x[0], x[1]) }
  }

  /// Whether `a` is greater than `b`, as `bool`.
  public static func greater<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("greater", [a, b]) { (graph, x) throws(KerasError) in try graph.compare(.greater, x[0], x[1]) }
  }

  /// Whether `a` is at least `b`, as `bool`.
  public static func greaterEqual<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("greater_equal", [a, b]) { (graph, x) throws(KerasError) in try graph.compare(.greaterEqual, x[0], x[1]) }
  }
}

import KerasLayers

/// Operations on tensors, on symbolic tensors and, inside layers, on values: one set of functions under Keras' names.
///
/// ```swift
/// let y = try Ops.softmax(Ops.matmul(x, w))              // tensors: computed at once
/// let z = try Ops.concatenate([a, b], axis: -1)          // symbolic tensors: part of a model
/// ```
/// Shapes broadcast as NumPy's. Errors are `shapeMismatch` and `invalidArgument` of the shape rules.
public enum Ops {
  /// One of Keras' operations with its settings, and plain arguments of the call.
  static func many<Element: Operand>(
    _ className: String, _ operands: [Element], _ settings: JSONObject = [:], arguments: JSONObject = [:]
  ) throws(KerasError) -> [Element] {
    try Element.applying(OperationCall(className, settings, arguments: arguments), to: operands)
  }

  /// The same for an operation with one result.
  static func one<Element: Operand>(
    _ className: String, _ operands: [Element], _ settings: JSONObject = [:], arguments: JSONObject = [:]
  ) throws(KerasError) -> Element {
    guard let first = try many(className, operands, settings, arguments: arguments).first else {
      throw KerasError(.invalidArgument, "\(snakeCase(className)) needs at least one tensor.")
    }
    return first
  }

  /// Whole numbers without a point, which Keras asks for in places.
  static func number(_ number: Double) -> JSON { Int(exactly: number).map(JSON.integer) ?? .number(number) }

  /// The setting `axis`: one as a number, which to some operations of Keras is not the same as a list of one.
  static func axisSetting(_ axes: [Int]?) -> JSON {
    axes.map { $0.count == 1 ? .integer($0[0]) : JSON($0) } ?? .null
  }
}

// MARK: - Functions of one number

extension Ops {
  /// max(x, 0)
  public static func relu<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Relu", [x])
  }

  /// min(max(x, 0), 6)
  public static func relu6<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Relu6", [x])
  }

  /// 1 / (1 + e⁻ˣ)
  public static func sigmoid<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Sigmoid", [x])
  }

  /// The hyperbolic tangent.
  public static func tanh<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Tanh", [x])
  }

  /// ln(1 + eˣ)
  public static func softplus<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Softplus", [x])
  }

  /// x / (1 + |x|)
  public static func softsign<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Softsign", [x])
  }

  /// eˣ
  public static func exp<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Exp", [x])
  }

  /// eˣ − 1, exact near 0.
  public static func expm1<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Expm1", [x])
  }

  /// The natural logarithm.
  public static func log<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Log", [x])
  }

  /// ln(1 + x), exact near 0.
  public static func log1p<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Log1p", [x])
  }

  /// The square root.
  public static func sqrt<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Sqrt", [x])
  }

  /// 1 / √x
  public static func rsqrt<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Rsqrt", [x])
  }

  /// 1 / x
  public static func reciprocal<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Reciprocal", [x])
  }

  /// x²
  public static func square<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Square", [x])
  }

  /// |x|
  public static func abs<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Absolute", [x])
  }

  /// −x
  public static func negative<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Negative", [x])
  }

  /// −1, 0 or 1.
  public static func sign<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Sign", [x])
  }

  /// The largest whole number that is not larger.
  public static func floor<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Floor", [x])
  }

  /// The smallest whole number that is not smaller.
  public static func ceil<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Ceil", [x])
  }

  /// The nearest number with so many decimals, halves to the even one.
  public static func round<Element: Operand>(_ x: Element, decimals: Int = 0) throws(KerasError) -> Element {
    try one("Round", [x], ["decimals": .integer(decimals)])
  }

  /// The sine.
  public static func sin<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Sin", [x])
  }

  /// The cosine.
  public static func cos<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Cos", [x])
  }

  /// The tangent.
  public static func tan<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Tan", [x])
  }

  /// The inverse sine.
  public static func arcsin<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Arcsin", [x])
  }

  /// The inverse cosine.
  public static func arccos<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Arccos", [x])
  }

  /// The inverse tangent.
  public static func arctan<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Arctan", [x])
  }

  /// The hyperbolic sine.
  public static func sinh<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Sinh", [x])
  }

  /// The hyperbolic cosine.
  public static func cosh<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Cosh", [x])
  }

  /// The error function.
  public static func erf<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Erf", [x])
  }
}

// MARK: - Functions of two numbers

extension Ops {
  /// a + b
  public static func add<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Add", [a, b])
  }

  /// a − b
  public static func subtract<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Subtract", [a, b])
  }

  /// a · b
  public static func multiply<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Multiply", [a, b])
  }

  /// a / b
  public static func divide<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Divide", [a, b])
  }

  /// The quotient rounded down.
  public static func floorDivide<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("FloorDivide", [a, b])
  }

  /// What ``floorDivide(_:_:)`` leaves, of the divisor's sign.
  public static func mod<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Mod", [a, b])
  }

  /// The larger of two.
  public static func maximum<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Maximum", [a, b])
  }

  /// The smaller of two.
  public static func minimum<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Minimum", [a, b])
  }

  /// aᵇ
  public static func power<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Power", [a, b])
  }

  /// The angle of the point (b, a).
  public static func arctan2<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Arctan2", [a, b])
  }

  /// Whether both hold.
  public static func logicalAnd<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("LogicalAnd", [a, b])
  }

  /// Whether one holds.
  public static func logicalOr<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("LogicalOr", [a, b])
  }

  /// Whether exactly one holds.
  public static func logicalXor<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("LogicalXor", [a, b])
  }

  /// Whether `a` is equal to `b`, as `bool`.
  public static func equal<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Equal", [a, b])
  }

  /// Whether `a` is not equal to `b`, as `bool`.
  public static func notEqual<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("NotEqual", [a, b])
  }

  /// Whether `a` is less than `b`, as `bool`.
  public static func less<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Less", [a, b])
  }

  /// Whether `a` is at most `b`, as `bool`.
  public static func lessEqual<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("LessEqual", [a, b])
  }

  /// Whether `a` is greater than `b`, as `bool`.
  public static func greater<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element {
    try one("Greater", [a, b])
  }

  /// Whether `a` is at least `b`, as `bool`.
  public static func greaterEqual<Element: Operand>(_ a: Element, _ b: Element) throws(KerasError) -> Element
  {
    try one("GreaterEqual", [a, b])
  }
}

import KerasLayers

// Functions of two numbers of which one is a number, as in `Ops.add(x, 1)`: it takes the type of the tensor if that can
// hold it. What they compute stands at the functions of two tensors.

extension Ops {
  public static func add<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Add", .element(a), .number(b))
  }
  public static func add<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Add", .number(a), .element(b))
  }

  public static func subtract<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Subtract", .element(a), .number(b))
  }
  public static func subtract<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Subtract", .number(a), .element(b))
  }

  public static func multiply<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Multiply", .element(a), .number(b))
  }
  public static func multiply<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Multiply", .number(a), .element(b))
  }

  public static func divide<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Divide", .element(a), .number(b))
  }
  public static func divide<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Divide", .number(a), .element(b))
  }

  public static func floorDivide<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("FloorDivide", .element(a), .number(b))
  }
  public static func floorDivide<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("FloorDivide", .number(a), .element(b))
  }

  public static func mod<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Mod", .element(a), .number(b))
  }
  public static func mod<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Mod", .number(a), .element(b))
  }

  public static func maximum<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Maximum", .element(a), .number(b))
  }
  public static func maximum<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Maximum", .number(a), .element(b))
  }

  public static func minimum<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Minimum", .element(a), .number(b))
  }
  public static func minimum<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Minimum", .number(a), .element(b))
  }

  public static func power<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Power", .element(a), .number(b))
  }
  public static func power<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Power", .number(a), .element(b))
  }

  public static func arctan2<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Arctan2", .element(a), .number(b))
  }
  public static func arctan2<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Arctan2", .number(a), .element(b))
  }

  public static func equal<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Equal", .element(a), .number(b))
  }
  public static func equal<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Equal", .number(a), .element(b))
  }

  public static func notEqual<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("NotEqual", .element(a), .number(b))
  }
  public static func notEqual<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("NotEqual", .number(a), .element(b))
  }

  public static func less<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Less", .element(a), .number(b))
  }
  public static func less<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Less", .number(a), .element(b))
  }

  public static func lessEqual<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("LessEqual", .element(a), .number(b))
  }
  public static func lessEqual<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("LessEqual", .number(a), .element(b))
  }

  public static func greater<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("Greater", .element(a), .number(b))
  }
  public static func greater<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("Greater", .number(a), .element(b))
  }

  public static func greaterEqual<Element: Operand>(_ a: Element, _ b: Double) throws(KerasError) -> Element {
    try pair("GreaterEqual", .element(a), .number(b))
  }
  public static func greaterEqual<Element: Operand>(_ a: Double, _ b: Element) throws(KerasError) -> Element {
    try pair("GreaterEqual", .number(a), .element(b))
  }
}

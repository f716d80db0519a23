import KerasLayers

// Reductions along one axis, which Keras takes as a number: `Ops.mean(x, axis: -1)`.

extension Ops {
  public static func sum<Element: Operand>(
    _ x: Element, axis: Int, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try sum(x, axes: [axis], keepsDimensions: keepsDimensions)
  }

  public static func mean<Element: Operand>(
    _ x: Element, axis: Int, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try mean(x, axes: [axis], keepsDimensions: keepsDimensions)
  }

  public static func prod<Element: Operand>(
    _ x: Element, axis: Int, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try prod(x, axes: [axis], keepsDimensions: keepsDimensions)
  }

  public static func max<Element: Operand>(
    _ x: Element, axis: Int, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try max(x, axes: [axis], keepsDimensions: keepsDimensions)
  }

  public static func min<Element: Operand>(
    _ x: Element, axis: Int, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try min(x, axes: [axis], keepsDimensions: keepsDimensions)
  }

  public static func variance<Element: Operand>(
    _ x: Element, axis: Int, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try variance(x, axes: [axis], keepsDimensions: keepsDimensions)
  }

  public static func standardDeviation<Element: Operand>(
    _ x: Element, axis: Int, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try standardDeviation(x, axes: [axis], keepsDimensions: keepsDimensions)
  }

  public static func logSumExp<Element: Operand>(
    _ x: Element, axis: Int, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try logSumExp(x, axes: [axis], keepsDimensions: keepsDimensions)
  }

  public static func any<Element: Operand>(
    _ x: Element, axis: Int, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try any(x, axes: [axis], keepsDimensions: keepsDimensions)
  }

  public static func all<Element: Operand>(
    _ x: Element, axis: Int, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try all(x, axes: [axis], keepsDimensions: keepsDimensions)
  }

  public static func countNonzero<Element: Operand>(
    _ x: Element, axis: Int, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try countNonzero(x, axes: [axis], keepsDimensions: keepsDimensions)
  }
}

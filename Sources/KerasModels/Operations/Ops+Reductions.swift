import KerasLayers

// Reductions: along `axes` (negative ones count from the back), or over everything where nil.

extension Ops {
  public static func sum<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("Sum", [x], ["axis": axisSetting(axes), "keepdims": .bool(keepsDimensions)])
  }

  public static func mean<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("Mean", [x], ["axis": axisSetting(axes), "keepdims": .bool(keepsDimensions)])
  }

  /// The product.
  public static func prod<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("Prod", [x], ["axis": axisSetting(axes), "keepdims": .bool(keepsDimensions), "dtype": .null])
  }

  public static func max<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("Max", [x], ["axis": axisSetting(axes), "keepdims": .bool(keepsDimensions), "initial": .null])
  }

  public static func min<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("Min", [x], ["axis": axisSetting(axes), "keepdims": .bool(keepsDimensions), "initial": .null])
  }

  /// The population's variance.
  public static func variance<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("Var", [x], ["axis": axisSetting(axes), "keepdims": .bool(keepsDimensions)])
  }

  /// The population's standard deviation.
  public static func standardDeviation<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("Std", [x], ["axis": axisSetting(axes), "keepdims": .bool(keepsDimensions)])
  }

  /// ln Σ eˣ, without overflow.
  public static func logSumExp<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("Logsumexp", [x], ["axis": axisSetting(axes), "keepdims": .bool(keepsDimensions)])
  }

  /// Whether any element is not 0.
  public static func any<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("Any", [x], ["axis": axisSetting(axes), "keepdims": .bool(keepsDimensions)])
  }

  /// Whether no element is 0.
  public static func all<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("All", [x], ["axis": axisSetting(axes), "keepdims": .bool(keepsDimensions)])
  }

  /// How many elements are not 0, as `int32`.
  public static func countNonzero<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    var settings: JSONObject = ["axis": axisSetting(axes)]
    if keepsDimensions { settings["keepdims"] = true }
    return try one("CountNonzero", [x], settings)
  }

  /// The norm of vectors, of any order.
  public static func norm<Element: Operand>(
    _ x: Element, order: Double = 2, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    var settings: JSONObject = [
      "ord": order == 2 ? .null : number(order), "axis": axisSetting(axes),
      "keepdims": .bool(keepsDimensions),
    ]
    // Along several axes Keras knows only order 2, and others as norms of matrices.
    if order != 2, axes?.count != 1 { settings["flattens"] = true }
    return try one("Norm", [x], settings)
  }

  /// Vectors scaled to norm 1.
  public static func normalize<Element: Operand>(
    _ x: Element, order: Double = 2, axes: [Int] = [-1], epsilon: Double = 1e-7
  ) throws(KerasError) -> Element {
    try one(
      "Normalize", [x], ["axis": axisSetting(axes), "order": number(order), "epsilon": .number(epsilon)])
  }

  /// The position of the largest element, as `int32`; of equal ones the first. Nil for `axis`: among all elements in one row.
  public static func argmax<Element: Operand>(
    _ x: Element, axis: Int? = -1, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("Argmax", [x], ["axis": JSON(axis), "keepdims": .bool(keepsDimensions)])
  }

  /// The position of the smallest element, as `int32`; of equal ones the first. Nil for `axis`: among all elements in one row.
  public static func argmin<Element: Operand>(
    _ x: Element, axis: Int? = -1, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("Argmin", [x], ["axis": JSON(axis), "keepdims": .bool(keepsDimensions)])
  }

  /// The sums of all elements up to each one; nil for `axis`: of all elements in one row.
  public static func cumsum<Element: Operand>(
    _ x: Element, axis: Int?, isReversed: Bool = false, isExclusive: Bool = false
  ) throws(KerasError) -> Element {
    try one("Cumsum", [x], cumulativeSettings(axis, isReversed, isExclusive))
  }

  /// The products of all elements up to each one; nil for `axis`: of all elements in one row.
  public static func cumprod<Element: Operand>(
    _ x: Element, axis: Int?, isReversed: Bool = false, isExclusive: Bool = false
  ) throws(KerasError) -> Element {
    try one("Cumprod", [x], cumulativeSettings(axis, isReversed, isExclusive))
  }

  /// What Keras has no words for is written only where it says something, and Keras refuses it by name.
  private static func cumulativeSettings(_ axis: Int?, _ isReversed: Bool, _ isExclusive: Bool) -> JSONObject
  {
    var settings: JSONObject = ["axis": JSON(axis), "dtype": .null]
    if isReversed { settings["reverse"] = true }
    if isExclusive { settings["exclusive"] = true }
    return settings
  }
}

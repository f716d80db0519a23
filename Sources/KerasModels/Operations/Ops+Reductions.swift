import KerasLayers

// Reductions: along `axes` (negative ones count from the back), or over everything where nil.

extension Ops {
  public static func sum<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("sum", [x]) { (graph, x) throws(KerasError) in
      try graph.sum(x[0], axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  public static func mean<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("mean", [x]) { (graph, x) throws(KerasError) in
      try graph.mean(x[0], axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// The product.
  public static func prod<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("prod", [x]) { (graph, x) throws(KerasError) in
      try graph.reduce(
        .product, x[0], axes: axes ?? Array(graph.shape(of: x[0]).indices), keepsDimensions: keepsDimensions)
    }
  }

  public static func max<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("max", [x]) { (graph, x) throws(KerasError) in
      try graph.maximum(of: x[0], axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  public static func min<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("min", [x]) { (graph, x) throws(KerasError) in
      try graph.minimum(of: x[0], axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// The population's variance.
  public static func variance<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("var", [x]) { (graph, x) throws(KerasError) in
      try graph.variance(x[0], axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// The population's standard deviation.
  public static func standardDeviation<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("std", [x]) { (graph, x) throws(KerasError) in
      try graph.standardDeviation(x[0], axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// ln Σ eˣ, without overflow.
  public static func logSumExp<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("logsumexp", [x]) { (graph, x) throws(KerasError) in
      try graph.logSumExp(x[0], axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// Whether any element is not 0.
  public static func any<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("any", [x]) { (graph, x) throws(KerasError) in
      try graph.any(x[0], axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// Whether no element is 0.
  public static func all<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("all", [x]) { (graph, x) throws(KerasError) in
      try graph.all(x[0], axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// How many elements are not 0, as `int32`.
  public static func countNonzero<Element: Operand>(
    _ x: Element, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("count_nonzero", [x]) { (graph, x) throws(KerasError) in
      try graph.countNonzero(x[0], axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// The norm of vectors, of any order.
  public static func norm<Element: Operand>(
    _ x: Element, order: Double = 2, axes: [Int]? = nil, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("norm", [x]) { (graph, x) throws(KerasError) in
      try graph.norm(x[0], order: order, axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// Vectors scaled to norm 1.
  public static func normalize<Element: Operand>(
    _ x: Element, order: Double = 2, axes: [Int] = [-1], epsilon: Double = 1e-7
  ) throws(KerasError) -> Element {
    try one("normalize", [x]) { (graph, x) throws(KerasError) in
      try graph.normalize(x[0], order: order, axes: axes, epsilon: epsilon)
    }
  }

  /// The position of the largest element, as `int32`; of equal ones the first.
  public static func argmax<Element: Operand>(
    _ x: Element, axis: Int = -1, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("argmax", [x]) { (graph, x) throws(KerasError) in
      try graph.argument(.maximum, x[0], axis: axis, keepsDimensions: keepsDimensions)
    }
  }

  /// The position of the smallest element, as `int32`; of equal ones the first.
  public static func argmin<Element: Operand>(
    _ x: Element, axis: Int = -1, keepsDimensions: Bool = false
  ) throws(KerasError) -> Element {
    try one("argmin", [x]) { (graph, x) throws(KerasError) in
      try graph.argument(.minimum, x[0], axis: axis, keepsDimensions: keepsDimensions)
    }
  }

  /// The sums of all elements up to each one.
  public static func cumsum<Element: Operand>(
    _ x: Element, axis: Int, isReversed: Bool = false, isExclusive: Bool = false
  ) throws(KerasError) -> Element {
    try one("cumsum", [x]) { (graph, x) throws(KerasError) in
      try graph.cumulative(.sum, x[0], axis: axis, isReversed: isReversed, isExclusive: isExclusive)
    }
  }

  /// The products of all elements up to each one.
  public static func cumprod<Element: Operand>(
    _ x: Element, axis: Int, isReversed: Bool = false, isExclusive: Bool = false
  ) throws(KerasError) -> Element {
    try one("cumprod", [x]) { (graph, x) throws(KerasError) in
      try graph.cumulative(.product, x[0], axis: axis, isReversed: isReversed, isExclusive: isExclusive)
    }
  }
}

import KerasLayers

// Moving elements about. Axes may be negative: counted from the back.

extension Ops {
  /// The same elements in another shape; one length may be -1.
  public static func reshape<Element: Operand>(_ x: Element, to shape: [Int]) throws(KerasError) -> Element {
    try one("reshape", [x]) { (graph, x) throws(KerasError) in try graph.reshape(x[0], to: shape) }
  }

  /// The axes in another order; nil turns the order round.
  public static func transpose<Element: Operand>(
    _ x: Element, axes: [Int]? = nil
  ) throws(KerasError) -> Element {
    try one("transpose", [x]) { (graph, x) throws(KerasError) in
      try graph.transpose(x[0], axes ?? Array(graph.shape(of: x[0]).indices.reversed()))
    }
  }

  public static func expandDimensions<Element: Operand>(_ x: Element, axis: Int) throws(KerasError) -> Element {
    try one("expand_dims", [x]) { (graph, x) throws(KerasError) in try graph.expandDimensions(x[0], axis: axis) }
  }

  /// Without axes of length 1; nil for all of them.
  public static func squeeze<Element: Operand>(_ x: Element, axes: [Int]? = nil) throws(KerasError) -> Element {
    try one("squeeze", [x]) { (graph, x) throws(KerasError) in try graph.squeeze(x[0], axes: axes) }
  }

  public static func concatenate<Element: Operand>(
    _ parts: [Element], axis: Int = -1
  ) throws(KerasError) -> Element {
    try one("concatenate", parts) { (graph, x) throws(KerasError) in try graph.concatenate(x, axis: axis) }
  }

  /// Tensors of one shape along a new axis.
  public static func stack<Element: Operand>(_ parts: [Element], axis: Int = 0) throws(KerasError) -> Element {
    try one("stack", parts) { (graph, x) throws(KerasError) in try graph.stack(x, axis: axis) }
  }

  /// The slices along one axis, which is gone.
  public static func unstack<Element: Operand>(_ x: Element, axis: Int = 0) throws(KerasError) -> [Element] {
    try Element.applying("unstack", to: [x]) { (graph, x) throws(KerasError) in
      try graph.unstack(x[0], axis: axis)
    }
  }

  /// Parts of equal length.
  public static func split<Element: Operand>(
    _ x: Element, into count: Int, axis: Int = 0
  ) throws(KerasError) -> [Element] {
    try Element.applying("split", to: [x]) { (graph, x) throws(KerasError) in
      try graph.split(x[0], into: count, axis: axis)
    }
  }

  /// The parts between ascending positions.
  public static func split<Element: Operand>(
    _ x: Element, at positions: [Int], axis: Int = 0
  ) throws(KerasError) -> [Element] {
    try Element.applying("split", to: [x]) { (graph, x) throws(KerasError) in
      try graph.split(x[0], at: positions, axis: axis)
    }
  }

  /// `lengths[i]` elements from `starts[i]` along each axis.
  public static func slice<Element: Operand>(
    _ x: Element, from starts: [Int], lengths: [Int]
  ) throws(KerasError) -> Element {
    try one("slice", [x]) { (graph, x) throws(KerasError) in
      guard starts.count == lengths.count, zip(starts, lengths).allSatisfy({ !$0.addingReportingOverflow($1).overflow })
      else {
        throw KerasError(.invalidArgument, "slice needs as many starts as lengths, found \(starts) and \(lengths).")
      }
      return try graph.slice(x[0], starts: starts, ends: zip(starts, lengths).map { $0 + $1 })
    }
  }

  /// `count` elements from `start` along one axis; nil for all that follow.
  public static func slice<Element: Operand>(
    _ x: Element, axis: Int, from start: Int, count: Int? = nil
  ) throws(KerasError) -> Element {
    try one("slice", [x]) { (graph, x) throws(KerasError) in
      try graph.slice(x[0], axis: axis, from: start, count: count)
    }
  }

  public static func broadcast<Element: Operand>(_ x: Element, to shape: [Int]) throws(KerasError) -> Element {
    try one("broadcast_to", [x]) { (graph, x) throws(KerasError) in
      try graph.broadcast(x[0], to: Shape(shape))
    }
  }

  /// The whole tensor `counts[i]` times along axis `i`.
  public static func tile<Element: Operand>(_ x: Element, _ counts: [Int]) throws(KerasError) -> Element {
    try one("tile", [x]) { (graph, x) throws(KerasError) in try graph.tile(x[0], counts) }
  }

  /// Each element `count` times in a row.
  public static func repeatElements<Element: Operand>(
    _ x: Element, _ count: Int, axis: Int
  ) throws(KerasError) -> Element {
    try one("repeat", [x]) { (graph, x) throws(KerasError) in try graph.repeatElements(x[0], count, axis: axis) }
  }

  /// The elements in opposite order.
  public static func flip<Element: Operand>(_ x: Element, axes: [Int]) throws(KerasError) -> Element {
    try one("flip", [x]) { (graph, x) throws(KerasError) in try graph.reverse(x[0], axes: axes) }
  }

  /// Elements moved along an axis; those that leave at one end come back at the other.
  public static func roll<Element: Operand>(_ x: Element, by shift: Int, axis: Int) throws(KerasError) -> Element {
    try one("roll", [x]) { (graph, x) throws(KerasError) in try graph.roll(x[0], by: shift, axis: axis) }
  }

  public static func swapAxes<Element: Operand>(_ x: Element, _ a: Int, _ b: Int) throws(KerasError) -> Element {
    try one("swapaxes", [x]) { (graph, x) throws(KerasError) in try graph.swapAxes(x[0], a, b) }
  }

  public static func moveAxis<Element: Operand>(
    _ x: Element, from source: Int, to destination: Int
  ) throws(KerasError) -> Element {
    try one("moveaxis", [x]) { (graph, x) throws(KerasError) in
      try graph.moveAxis(x[0], from: source, to: destination)
    }
  }

  /// A constant before and after each axis.
  public static func pad<Element: Operand>(
    _ x: Element, _ padding: [AxisPadding], value: Float = 0
  ) throws(KerasError) -> Element {
    try one("pad", [x]) { (graph, x) throws(KerasError) in try graph.pad(x[0], padding, value: value) }
  }

  /// The same numbers as another type.
  public static func cast<Element: Operand>(_ x: Element, to dataType: DataType) throws(KerasError) -> Element {
    try one("cast", [x]) { (graph, x) throws(KerasError) in try graph.cast(x[0], to: dataType) }
  }

  // MARK: Choosing

  /// `a` where the condition holds, else `b`.
  public static func `where`<Element: Operand>(
    _ condition: Element, _ a: Element, _ b: Element
  ) throws(KerasError) -> Element {
    try one("where", [condition, a, b]) { (graph, x) throws(KerasError) in try graph.select(x[0], x[1], x[2]) }
  }

  public static func logicalNot<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("logical_not", [x]) { (graph, x) throws(KerasError) in try graph.logicalNot(x[0]) }
  }

  /// Slices along an axis, chosen by indices of any shape. An index outside is an error.
  public static func take<Element: Operand>(
    _ x: Element, _ indices: Element, axis: Int = 0
  ) throws(KerasError) -> Element {
    try one("take", [x, indices]) { (graph, x) throws(KerasError) in try graph.gather(x[0], at: x[1], axis: axis) }
  }

  /// Elements along an axis, chosen by indices of the tensor's rank.
  public static func takeAlongAxis<Element: Operand>(
    _ x: Element, _ indices: Element, axis: Int = -1
  ) throws(KerasError) -> Element {
    try one("take_along_axis", [x, indices]) { (graph, x) throws(KerasError) in
      try graph.gather(x[0], at: x[1], axis: axis, kind: .elements)
    }
  }

  /// Zeros of `length` along the first axis, with `updates` added at `indices`.
  public static func scatterAdd<Element: Operand>(
    _ indices: Element, _ updates: Element, length: Int
  ) throws(KerasError) -> Element {
    try one("scatter", [indices, updates]) { (graph, x) throws(KerasError) in
      try graph.scatterAdd(x[1], at: x[0], length: length)
    }
  }

  /// Vectors with 1 at each index and 0 elsewhere, along a new axis; an index outside gives zeros.
  public static func oneHot<Element: Operand>(
    _ indices: Element, classes: Int, axis: Int = -1
  ) throws(KerasError) -> Element {
    try one("one_hot", [indices]) { (graph, x) throws(KerasError) in
      try graph.oneHot(x[0], count: classes, axis: axis, .float32)
    }
  }

  // MARK: Order

  /// The elements in order; equal ones keep theirs.
  public static func sort<Element: Operand>(_ x: Element, axis: Int = -1) throws(KerasError) -> Element {
    try one("sort", [x]) { (graph, x) throws(KerasError) in try graph.sort(x[0], axis: axis).values }
  }

  /// Where the elements in order stood, as `int32`.
  public static func argsort<Element: Operand>(_ x: Element, axis: Int = -1) throws(KerasError) -> Element {
    try one("argsort", [x]) { (graph, x) throws(KerasError) in try graph.sort(x[0], axis: axis).positions }
  }

  /// The largest elements along the last axis, and where they stood.
  public static func topK<Element: Operand>(
    _ x: Element, count: Int
  ) throws(KerasError) -> (values: Element, positions: Element) {
    let results = try Element.applying("top_k", to: [x]) { (graph, x) throws(KerasError) in
      let top = try graph.topK(x[0], count: count)
      return [top.values, top.positions]
    }
    guard results.count == 2 else { return (x, results.first ?? x) }
    return (results[0], results[1])
  }
}

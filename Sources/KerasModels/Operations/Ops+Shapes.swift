import KerasLayers

// Moving elements about. Axes may be negative: counted from the back.

extension Ops {
  /// The same elements in another shape; one length may be -1.
  public static func reshape<Element: Operand>(_ x: Element, to shape: [Int]) throws(KerasError) -> Element {
    try one("Reshape", [x], ["newshape": JSON(shape)])
  }

  /// The axes in another order; nil turns the order round.
  public static func transpose<Element: Operand>(
    _ x: Element, axes: [Int]? = nil
  ) throws(KerasError) -> Element {
    try one("Transpose", [x], ["axes": axes.map { JSON($0) } ?? .null])
  }

  public static func expandDimensions<Element: Operand>(_ x: Element, axis: Int) throws(KerasError) -> Element
  {
    try one("ExpandDims", [x], ["axis": .integer(axis)])
  }

  /// Without axes of length 1; nil for all of them.
  public static func squeeze<Element: Operand>(_ x: Element, axes: [Int]? = nil) throws(KerasError) -> Element
  {
    try one("Squeeze", [x], ["axis": axisSetting(axes)])
  }

  public static func concatenate<Element: Operand>(
    _ parts: [Element], axis: Int = -1
  ) throws(KerasError) -> Element {
    try one("Concatenate", parts, ["axis": .integer(axis)])
  }

  /// Tensors of one shape along a new axis.
  public static func stack<Element: Operand>(_ parts: [Element], axis: Int = 0) throws(KerasError) -> Element
  {
    try one("Stack", parts, ["axis": .integer(axis)])
  }

  /// The slices along one axis, which is gone.
  public static func unstack<Element: Operand>(_ x: Element, axis: Int = 0) throws(KerasError) -> [Element] {
    try many("Unstack", [x], ["num": .null, "axis": .integer(axis)])
  }

  /// Parts of equal length.
  public static func split<Element: Operand>(
    _ x: Element, into count: Int, axis: Int = 0
  ) throws(KerasError) -> [Element] {
    try many("Split", [x], ["indices_or_sections": .integer(count), "axis": .integer(axis)])
  }

  /// The parts between ascending positions.
  public static func split<Element: Operand>(
    _ x: Element, at positions: [Int], axis: Int = 0
  ) throws(KerasError) -> [Element] {
    try many("Split", [x], ["indices_or_sections": JSON(positions), "axis": .integer(axis)])
  }

  /// What the items take of the axes, one after the other, as Python's `x[1:, ..., -1]`; axes behind the last item
  /// are taken whole.
  public static func slice<Element: Operand>(
    _ x: Element, _ items: SliceItem...
  ) throws(KerasError) -> Element {
    try slice(x, items)
  }

  public static func slice<Element: Operand>(
    _ x: Element, _ items: [SliceItem]
  ) throws(KerasError) -> Element {
    try one("GetItem", [x], arguments: ["key": .array(items.map(\.json))])
  }

  /// `lengths[i]` elements from `starts[i]` along each axis; -1 for all that follow.
  public static func slice<Element: Operand>(
    _ x: Element, from starts: [Int], lengths: [Int]
  ) throws(KerasError) -> Element {
    try one("Slice", [x], ["shape": JSON(lengths)], arguments: ["start_indices": JSON(starts)])
  }

  /// `count` elements from `start` along one axis; nil for all that follow.
  ///
  /// - Throws: `invalidArgument` for a start or a count below 0. Elements beyond the end are left out.
  public static func slice<Element: Operand>(
    _ x: Element, axis: Int, from start: Int, count: Int? = nil
  ) throws(KerasError) -> Element {
    let (end, overflow) = start.addingReportingOverflow(count ?? 0)
    guard start >= 0, count ?? 0 >= 0, !overflow, (-32..<32).contains(axis) else {
      throw KerasError(
        .invalidArgument,
        "A slice takes a start and a count from 0 along one of 32 axes, found \(start), \(count ?? 0) and \(axis)."
      )
    }
    let range = SliceItem.range(start, count == nil ? nil : end)
    let others = [SliceItem](repeating: .all, count: axis < 0 ? -axis - 1 : axis)
    return try slice(x, axis < 0 ? [.ellipsis, range] + others : others + [range])
  }

  public static func broadcast<Element: Operand>(_ x: Element, to shape: [Int]) throws(KerasError) -> Element
  {
    try one("BroadcastTo", [x], ["shape": JSON(shape)])
  }

  /// The whole tensor `counts[i]` times along axis `i`.
  public static func tile<Element: Operand>(_ x: Element, _ counts: [Int]) throws(KerasError) -> Element {
    try one("Tile", [x], ["repeats": JSON(counts)])
  }

  /// Each element `count` times in a row; nil for `axis`: of all elements in one row.
  public static func repeatElements<Element: Operand>(
    _ x: Element, _ count: Int, axis: Int?
  ) throws(KerasError) -> Element {
    try one("Repeat", [x], ["repeats": .integer(count), "axis": JSON(axis)])
  }

  /// The elements in opposite order; nil for all axes.
  public static func flip<Element: Operand>(_ x: Element, axes: [Int]? = nil) throws(KerasError) -> Element {
    try one("Flip", [x], ["axis": axisSetting(axes)])
  }

  /// Elements moved along an axis; those that leave at one end come back at the other. Nil for `axis`: all elements
  /// in one row.
  public static func roll<Element: Operand>(_ x: Element, by shift: Int, axis: Int?) throws(KerasError)
    -> Element
  {
    try one("Roll", [x], ["shift": .integer(shift), "axis": JSON(axis)])
  }

  public static func swapAxes<Element: Operand>(_ x: Element, _ a: Int, _ b: Int) throws(KerasError)
    -> Element
  {
    try one("Swapaxes", [x], ["axis1": .integer(a), "axis2": .integer(b)])
  }

  public static func moveAxis<Element: Operand>(
    _ x: Element, from source: Int, to destination: Int
  ) throws(KerasError) -> Element {
    try one("Moveaxis", [x], ["source": .integer(source), "destination": .integer(destination)])
  }

  /// More elements before and after each axis; a single pair is meant for all axes.
  ///
  /// - Parameter value: what stands there, if `mode` is `constant`.
  public static func pad<Element: Operand>(
    _ x: Element, _ padding: [AxisPadding], value: Float = 0, mode: PaddingMode = .constant
  ) throws(KerasError) -> Element {
    let pairs = padding.map { JSON([$0.before, $0.after]) }
    return try one(
      "Pad", [x], ["pad_width": .array(pairs), "mode": .string(mode.rawValue)],
      arguments: mode == .constant && value != 0 ? ["constant_values": .number(Double(value))] : [:])
  }

  /// The same numbers as another type.
  public static func cast<Element: Operand>(_ x: Element, to dataType: DataType) throws(KerasError) -> Element
  {
    try one("Cast", [x], ["dtype": .string(dataType.rawValue)])
  }

  /// The same value, of which gradients see nothing: it is a constant to them.
  public static func stopGradient<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("StopGradient", [x])
  }

  /// Zeros in the shape and type of a tensor.
  public static func zerosLike<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("ZerosLike", [x], ["dtype": .null])
  }

  /// Ones in the shape and type of a tensor.
  public static func onesLike<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("OnesLike", [x], ["dtype": .null])
  }

  // MARK: Choosing

  /// `a` where the condition holds, else `b`.
  public static func `where`<Element: Operand>(
    _ condition: Element, _ a: Element, _ b: Element
  ) throws(KerasError) -> Element {
    try one("Where", [condition, a, b])
  }

  public static func logicalNot<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("LogicalNot", [x])
  }

  /// Whether each number is none.
  public static func isNaN<Element: Operand>(_ x: Element) throws(KerasError) -> Element {
    try one("Isnan", [x])
  }

  /// Slices along an axis, chosen by indices of any shape; nil for `axis`: of all elements in one row.
  ///
  /// Negative indices count from the back; one outside is an error of the run.
  public static func take<Element: Operand>(
    _ x: Element, _ indices: Element, axis: Int? = 0
  ) throws(KerasError) -> Element {
    try one("Take", [x, indices], ["axis": JSON(axis)])
  }

  /// Elements along an axis, chosen by indices of the tensor's rank; negative ones count from the back.
  public static func takeAlongAxis<Element: Operand>(
    _ x: Element, _ indices: Element, axis: Int? = -1
  ) throws(KerasError) -> Element {
    try one("TakeAlongAxis", [x, indices], ["axis": JSON(axis)])
  }

  /// Zeros of `shape`, with `values` added where the last axis of `indices` says: `[n…, k]`, places along the first
  /// `k` axes, with values `[n…, the lengths of the other axes]`.
  public static func scatter<Element: Operand>(
    _ indices: Element, _ values: Element, shape: [Int]
  ) throws(KerasError) -> Element {
    try one("Scatter", [indices, values], ["shape": JSON(shape)])
  }

  /// Zeros of `length` along the first axis, with `updates` added at `indices`.
  ///
  /// Python's Keras does not open a file with it; ``scatter(_:_:shape:)`` says the same in its words.
  public static func scatterAdd<Element: Operand>(
    _ indices: Element, _ updates: Element, length: Int
  ) throws(KerasError) -> Element {
    try one("Scatter", [indices, updates], ["shape": .null, "length": .integer(length)])
  }

  /// Vectors with 1 at each index and 0 elsewhere, along a new axis; an index outside gives zeros.
  public static func oneHot<Element: Operand>(
    _ indices: Element, classes: Int, axis: Int = -1, dataType: DataType = .float32
  ) throws(KerasError) -> Element {
    try one(
      "OneHot", [indices],
      [
        "num_classes": .integer(classes), "axis": .integer(axis), "dtype": .string(dataType.rawValue),
        "sparse": false,
      ])
  }

  // MARK: Order

  /// The elements in order; equal ones keep theirs.
  public static func sort<Element: Operand>(_ x: Element, axis: Int = -1) throws(KerasError) -> Element {
    try one("Sort", [x], ["axis": .integer(axis)])
  }

  /// Where the elements in order stood, as `int32`.
  public static func argsort<Element: Operand>(_ x: Element, axis: Int = -1) throws(KerasError) -> Element {
    try one("Argsort", [x], ["axis": .integer(axis)])
  }

  /// The largest elements along the last axis, and where they stood.
  public static func topK<Element: Operand>(
    _ x: Element, count: Int
  ) throws(KerasError) -> (values: Element, positions: Element) {
    let results = try many("TopK", [x], ["k": .integer(count), "sorted": true])
    guard results.count == 2 else { return (x, results.first ?? x) }
    return (results[0], results[1])
  }
}

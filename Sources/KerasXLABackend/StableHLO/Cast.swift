import KerasGraph

extension CastOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] { [node.hlo.cast(node.inputs[0], to: node.output.type)] }
}

extension HLOWriter {
  /// Converts by the rules of `Tensor.converted(to:)`: floating-point numbers become integers by truncation, those out
  /// of range the nearest ones and NaN 0; integers wrap; to truth values means "is not zero".
  func cast(_ x: HLOValue, to type: HLOType) -> HLOValue {
    if x.type == type { return x }
    if type == .i1 { return compare("NE", x, 0) }
    guard x.type.isFloatingPoint, let range = type.integerRange else { return convert(x, to: type) }
    // Double holds the bounds of every integer of up to 32 bits; those of 64 bits are rounded to the next power of two.
    let wide = convert(x, to: .f64)
    let (low, high) = (Double(range.lowest) ?? 0, Double(range.highest) ?? 0)
    let isAbove = compare("GE", wide, high)
    let isBelow = compare("LE", wide, low)
    let isNumber = compare("EQ", wide, wide)
    let zero = constant(0, .f64, x.lengths)
    let isSafe = binary("and", isNumber, unary("not", binary("or", isAbove, isBelow)))
    let whole = convert(select(isSafe, wide, zero), to: type)
    let saturated = select(isAbove, highest(type, x.lengths), whole)
    return select(isBelow, lowest(type, x.lengths), saturated)
  }
}

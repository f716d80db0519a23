import KerasGraph

extension BinaryOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let hlo = node.hlo
    let a = hlo.broadcast(node.inputs[0], to: node.output.lengths)
    let b = hlo.broadcast(node.inputs[1], to: node.output.lengths)
    let result: HLOValue =
      switch function {
      case .add: hlo.add(a, b)
      case .subtract: hlo.subtract(a, b)
      case .multiply: hlo.multiply(a, b)
      case .divide: a.type.isFloatingPoint ? hlo.divide(a, b) : hlo.quotient(a, b)
      case .maximum: hlo.binary("maximum", a, b)
      case .minimum: hlo.binary("minimum", a, b)
      case .power: a.type.isFloatingPoint ? hlo.binary("power", a, b) : hlo.powerOfIntegers(a, b)
      case .floorDivide: a.type.isFloatingPoint ? hlo.floorOfReals(a, b) : hlo.floorOfIntegers(a, b)
      case .remainder: a.type.isFloatingPoint ? hlo.restOfReals(a, b) : hlo.restOfIntegers(a, b)
      case .arctangent2: hlo.angle(a, b)
      case .logicalAnd: hlo.binary("and", a, b)
      case .logicalOr: hlo.binary("or", a, b)
      case .logicalXor: hlo.binary("xor", a, b)
      }
    return [result]
  }
}

extension HLOWriter {
  /// Integers divided, rounded towards zero; 0 where the divisor is.
  func quotient(_ a: HLOValue, _ b: HLOValue) -> HLOValue {
    let isZero = compare("EQ", b, 0)
    let safe = select(isZero, constant(1, b.type, b.lengths), b)
    return select(isZero, constant(0, a.type, a.lengths), divide(a, safe))
  }

  fileprivate func floorOfIntegers(_ a: HLOValue, _ b: HLOValue) -> HLOValue {
    let rounded = quotient(a, b)
    guard a.type.isSignedInteger else { return rounded }
    let differ = binary("xor", compare("LT", a, 0), compare("LT", b, 0))
    let isInexact = compare("NE", multiply(rounded, b), a)
    let isBelow = binary("and", binary("and", differ, isInexact), compare("NE", b, 0))
    return select(isBelow, binary("subtract", rounded, 1), rounded)
  }

  fileprivate func restOfIntegers(_ a: HLOValue, _ b: HLOValue) -> HLOValue {
    let rest = subtract(a, multiply(floorOfIntegers(a, b), b))
    return select(compare("EQ", b, 0), constant(0, a.type, a.lengths), rest)
  }

  /// What the quotient rounded down leaves, of the divisor's sign.
  fileprivate func restOfReals(_ a: HLOValue, _ b: HLOValue) -> HLOValue {
    let rest = binary("remainder", a, b)
    let differ = binary("xor", compare("LT", rest, 0), compare("LT", b, 0))
    return select(binary("and", differ, compare("NE", rest, 0)), add(rest, b), rest)
  }

  /// Python's: exact also where the quotient itself rounds up to a whole number.
  fileprivate func floorOfReals(_ a: HLOValue, _ b: HLOValue) -> HLOValue {
    let quotient = divide(subtract(a, restOfReals(a, b)), b)
    let down = unary("floor", quotient)
    let isNearer = compare("GT", subtract(quotient, down), 0.5)
    let rounded = select(isNearer, binary("add", down, 1), down)
    return select(compare("EQ", b, 0), divide(a, b), rounded)
  }

  /// By repeated squaring, as XLA's own looks at few bits of the exponent; below 1 the exact result is rounded towards
  /// zero.
  fileprivate func powerOfIntegers(_ a: HLOValue, _ b: HLOValue) -> HLOValue {
    let (zero, one) = (constant(0, a.type, a.lengths), constant(1, a.type, a.lengths))
    let axes = Array(a.lengths.indices)
    func isOdd(_ x: HLOValue) -> HLOValue { compare("EQ", binary("and", x, one), one) }
    let start = [one, a, binary("maximum", b, zero)]
    let power = loop(
      start, while: { reduce(compare("GT", $0[2], zero), axes: axes, "or", from: constant(0, .i1)) }
    ) { values in
      let (result, factor, rest) = (values[0], values[1], values[2])
      return [
        select(isOdd(rest), multiply(result, factor), result), multiply(factor, factor),
        binary("shift_right_logical", rest, one),
      ]
    }[0]
    guard a.type.isSignedInteger else { return power }
    let minusOne = compare("EQ", a, -1)
    let root = select(compare("EQ", a, one), one, select(minusOne, select(isOdd(b), a, one), zero))
    return select(compare("LT", b, zero), root, power)
  }

  /// In whole radians for integers, as every function of integers gives integers.
  fileprivate func angle(_ a: HLOValue, _ b: HLOValue) -> HLOValue {
    guard !a.type.isFloatingPoint else { return binary("atan2", a, b) }
    return convert(binary("atan2", convert(a, to: .f64), convert(b, to: .f64)), to: a.type)
  }
}

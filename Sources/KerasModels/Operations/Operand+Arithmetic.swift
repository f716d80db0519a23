import KerasLayers

extension PairFunction {
  /// Keras' class; the one of Python's `/` on tensors for a quotient.
  var className: String {
    switch self {
    case .divide: "TrueDivide"
    case .add, .subtract, .multiply, .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual:
      rawValue.prefix(1).uppercased() + rawValue.dropFirst()
    }
  }
}

extension Ops {
  /// An operation of two operands, of which one may be a number.
  ///
  /// Whole numbers are passed as such: they leave tensors of whole numbers what they are.
  static func pair<Element: Operand>(
    _ className: String, _ a: Term<Element>, _ b: Term<Element>
  ) throws(KerasError) -> Element {
    var (operands, names, numbers) = ([Element](), [String](), JSONObject())
    for (parameter, term) in [("x1", a), ("x2", b)] {
      switch term {
      case .element(let element):
        operands.append(element)
        names.append(parameter)
      case .number(let value): numbers[parameter] = number(value)
      }
    }
    let call = try OperationCall(className, [:], arguments: numbers, names: names)
    guard let first = try Element.applying(call, to: operands).first else {
      throw KerasError(.invalidArgument, "\(snakeCase(className)) needs at least one tensor.")
    }
    return first
  }
}

extension Tensor {
  public static func computing(
    _ function: PairFunction, _ a: Term<Tensor>, _ b: Term<Tensor>
  ) throws(KerasError) -> Tensor {
    try Ops.pair(function.className, a, b)
  }

  public static func negating(_ x: Tensor) throws(KerasError) -> Tensor { try Ops.negative(x) }
}

extension SymbolicTensor {
  public static func computing(
    _ function: PairFunction, _ a: Term<SymbolicTensor>, _ b: Term<SymbolicTensor>
  ) -> SymbolicTensor {
    do {
      return try Ops.pair(function.className, a, b)
    } catch {
      return SymbolicTensor(error: error)
    }
  }

  public static func negating(_ x: SymbolicTensor) -> SymbolicTensor {
    x.settling { () throws(KerasError) in try Ops.negative(x) }
  }
}

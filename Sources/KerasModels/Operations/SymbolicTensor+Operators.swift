import KerasLayers

// Arithmetic on symbolic tensors; what does not fit is an error of the model made of them.

extension SymbolicTensor {
  public static func + (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor { recorded("Add", [a, b]) }
  public static func - (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor {
    recorded("Subtract", [a, b])
  }
  public static func * (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor {
    recorded("Multiply", [a, b])
  }
  public static func / (a: SymbolicTensor, b: SymbolicTensor) -> SymbolicTensor {
    recorded("TrueDivide", [a, b])
  }
  public static prefix func - (x: SymbolicTensor) -> SymbolicTensor { recorded("Negative", [x]) }

  public static func + (a: SymbolicTensor, b: Double) -> SymbolicTensor { recorded("Add", [a], second: b) }
  public static func - (a: SymbolicTensor, b: Double) -> SymbolicTensor {
    recorded("Subtract", [a], second: b)
  }
  public static func * (a: SymbolicTensor, b: Double) -> SymbolicTensor {
    recorded("Multiply", [a], second: b)
  }
  public static func / (a: SymbolicTensor, b: Double) -> SymbolicTensor {
    recorded("TrueDivide", [a], second: b)
  }

  public static func + (a: Double, b: SymbolicTensor) -> SymbolicTensor { recorded("Add", [b], first: a) }
  public static func - (a: Double, b: SymbolicTensor) -> SymbolicTensor {
    recorded("Subtract", [b], first: a)
  }
  public static func * (a: Double, b: SymbolicTensor) -> SymbolicTensor {
    recorded("Multiply", [b], first: a)
  }
  public static func / (a: Double, b: SymbolicTensor) -> SymbolicTensor {
    recorded("TrueDivide", [b], first: a)
  }

  /// - Parameters:
  ///   - first: a number in place of the first operand.
  ///   - second: a number in place of the second operand.
  private static func recorded(
    _ className: String, _ operands: [SymbolicTensor], first: Double? = nil, second: Double? = nil
  ) -> SymbolicTensor {
    do {
      // Whole numbers leave tensors of integers integers.
      var arguments = JSONObject()
      if let first { arguments["x1"] = Ops.number(first) }
      if let second { arguments["x2"] = Ops.number(second) }
      let names = first == nil ? [] : ["x2"]
      return try OperationCall(className, [:], arguments: arguments).recorded(on: operands, as: names)[0]
    } catch {
      return SymbolicTensor(error: error)
    }
  }
}

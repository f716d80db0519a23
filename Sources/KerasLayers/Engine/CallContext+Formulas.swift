import KerasGraph

extension CallContext {
  /// A value as an operand of formulas and of `Ops`: `try (context[x] * 2 + 1).value`.
  public subscript(value: Value) -> RecordedValue { RecordedValue(value, in: graph) }

  /// A weight as an operand of formulas: `try (context[x] * context[weight("scale")]).value`.
  public subscript(variable: Variable) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in try value(of: variable) }
  }
}

extension ActivationFunction {
  /// The function as a step of a formula: `activation(x + y)`.
  func callAsFunction(_ x: RecordedValue) -> RecordedValue {
    RecordedValue(in: x.graph) { () throws(KerasError) in try apply(to: x.value, in: x.graph) }
  }
}

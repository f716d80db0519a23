import KerasLayers

/// What ``Ops`` work on: tensors (computed at once), symbolic tensors (recorded as a layer of the model) and values
/// inside a layer's `call` (recorded into its graph).
public protocol Operand: Arithmetic {
  /// Applies `operation` to `operands`.
  static func applying(_ operation: OperationCall, to operands: [Self]) throws(KerasError) -> [Self]

  /// What `body` makes; an error is thrown, or kept in the result where the type keeps errors.
  func settling(_ body: () throws(KerasError) -> Self) throws(Failure) -> Self
}

extension Operand {
  /// Applies what `record` writes into a graph. Files do not hold a model with such a function.
  ///
  /// - Parameter name: what is applied, in Keras' spelling: `my_scan`.
  public static func applying(
    _ name: String, to operands: [Self],
    _ record: @escaping @Sendable (GraphBuilder, [Value]) throws -> [Value]
  ) throws(KerasError) -> [Self] {
    try applying(OperationCall(name, record), to: operands)
  }
}

extension Tensor: Operand {
  public typealias Failure = KerasError

  public func settling(_ body: () throws(KerasError) -> Tensor) throws(KerasError) -> Tensor { try body() }

  /// Computes on the configured backend.
  public static func applying(
    _ operation: OperationCall, to operands: [Tensor]
  ) throws(KerasError) -> [Tensor] {
    try within(operation.name) { () throws(KerasError) in
      let graph = GraphBuilder()
      let results = try operation.record(graph, operands.map { graph.input($0.spec) })
      return try ComputeOptions().prepare(graph.finish(returning: results)).program.run(operands)
    }
  }
}

extension SymbolicTensor: Operand {
  public typealias Failure = Never

  public func settling(_ body: () throws(KerasError) -> SymbolicTensor) -> SymbolicTensor {
    do {
      return try body()
    } catch {
      return SymbolicTensor(error: error)
    }
  }

  /// Never throws: a call that cannot work keeps its error, as calls of layers do.
  public static func applying(
    _ operation: OperationCall, to operands: [SymbolicTensor]
  ) throws(KerasError) -> [SymbolicTensor] {
    operation.recorded(on: operands)
  }
}

extension RecordedValue: Operand {
  public static func applying(
    _ operation: OperationCall, to operands: [RecordedValue]
  ) throws(KerasError) -> [RecordedValue] {
    guard let graph = operands.first?.graph else { return [] }
    var values: [Value] = []
    for operand in operands { values.append(try operand.value) }
    return try operation.record(graph, values).map { RecordedValue($0, in: graph) }
  }

  public func settling(_ body: () throws(KerasError) -> RecordedValue) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in try body().value }
  }
}

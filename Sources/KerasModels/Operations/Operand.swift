import KerasLayers

/// What ``Ops`` work on: tensors (computed at once), symbolic tensors (recorded as a layer of the model) and values
/// inside a layer's `call` (recorded into its graph).
public protocol Operand {
  /// Applies `operation` to `operands`.
  static func applying(_ operation: OperationCall, to operands: [Self]) throws(KerasError) -> [Self]
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
  /// Never throws: a call that cannot work keeps its error, as calls of layers do.
  public static func applying(
    _ operation: OperationCall, to operands: [SymbolicTensor]
  ) throws(KerasError) -> [SymbolicTensor] {
    operation.recorded(on: operands)
  }
}

/// A value of the graph that a layer's `call` is writing.
public struct RecordedValue: Operand {
  public let value: Value
  public let graph: GraphBuilder

  public init(_ value: Value, in graph: GraphBuilder) {
    self.value = value
    self.graph = graph
  }

  public static func applying(
    _ operation: OperationCall, to operands: [RecordedValue]
  ) throws(KerasError) -> [RecordedValue] {
    guard let graph = operands.first?.graph else { return [] }
    return try operation.record(graph, operands.map(\.value)).map { RecordedValue($0, in: graph) }
  }
}

extension CallContext {
  /// A value as an operand of ``Ops``: `Ops.matmul(context[x], context[kernel]).value`.
  public subscript(value: Value) -> RecordedValue { RecordedValue(value, in: graph) }
}

import KerasLayers

/// What ``Ops`` work on: tensors (computed at once), symbolic tensors (recorded as a layer of the model) and values
/// inside a layer's `call` (recorded into its graph).
public protocol Operand {
  /// Applies what `record` writes into a graph.
  ///
  /// - Parameter name: what is applied, in Keras' spelling: `log_softmax`.
  static func applying(
    _ name: String, to operands: [Self],
    _ record: @escaping @Sendable (GraphBuilder, [Value]) throws(KerasError) -> [Value]
  ) throws(KerasError) -> [Self]
}

extension Tensor: Operand {
  /// Computes on the configured backend.
  public static func applying(
    _ name: String, to operands: [Tensor],
    _ record: @escaping @Sendable (GraphBuilder, [Value]) throws(KerasError) -> [Value]
  ) throws(KerasError) -> [Tensor] {
    try within(name) { () throws(KerasError) in
      let graph = GraphBuilder()
      let results = try record(graph, operands.map { graph.input($0.spec) })
      let program = try Backends.backend(named: nil).prepare(
        PassPipeline.inference.apply(to: graph.finish(returning: results)), options: ProgramOptions())
      return try program.run(operands)
    }
  }
}

extension SymbolicTensor: Operand {
  /// Never throws: a call that cannot work keeps its error, as calls of layers do.
  public static func applying(
    _ name: String, to operands: [SymbolicTensor],
    _ record: @escaping @Sendable (GraphBuilder, [Value]) throws(KerasError) -> [Value]
  ) throws(KerasError) -> [SymbolicTensor] {
    OperationLayer(name, record).apply(to: operands)
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
    _ name: String, to operands: [RecordedValue],
    _ record: @escaping @Sendable (GraphBuilder, [Value]) throws(KerasError) -> [Value]
  ) throws(KerasError) -> [RecordedValue] {
    guard let graph = operands.first?.graph else { return [] }
    return try record(graph, operands.map(\.value)).map { RecordedValue($0, in: graph) }
  }
}

extension CallContext {
  /// A value as an operand of ``Ops``: `Ops.matmul(context[x], context[kernel]).value`.
  public subscript(value: Value) -> RecordedValue { RecordedValue(value, in: graph) }
}

/// An operation on symbolic tensors, as a layer of the model. Files do not hold what it computes.
final class OperationLayer: Layer, @unchecked Sendable {
  private let record: @Sendable (GraphBuilder, [Value]) throws(KerasError) -> [Value]
  private let operation: String

  init(
    _ operation: String, _ record: @escaping @Sendable (GraphBuilder, [Value]) throws(KerasError) -> [Value]
  ) {
    self.operation = operation
    self.record = record
    super.init(name: Session.current.uniqueName(operation))
  }

  override var className: String { "Operation" }
  override var config: JSONObject { ["operation": .string(operation)] }
  override var castsInputs: Bool { false }

  override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    try record(context.graph, inputs)
  }
}

@_exported import KerasCore

/// Records operations into a graph, checking shapes as it goes.
///
/// Layers receive one in `call`; the methods that append an operation stand in that operation's file.
/// Equal constants (the same tensor memory) are recorded once, so that sharing a layer shares its weights.
public final class GraphBuilder {
  public private(set) var graph = Graph()
  /// Given to the nodes recorded from now on; a layer's name, usually.
  public var scope = ""
  private var constants: [(tensor: Tensor, value: Value)] = []

  public init() {}

  /// A value the caller of the finished graph will supply.
  public func input(_ spec: TensorSpec, name: String = "") -> Value {
    let value = record(.input(InputOperation(spec: spec)), [], [spec], name: name)
    graph.inputs.append(value)
    return value
  }

  /// A tensor known now.
  public func constant(_ tensor: Tensor, name: String? = nil) -> Value {
    if let known = constants.last(where: { $0.tensor.isIdentical(to: tensor) }) { return known.value }
    let value = record(.constant(ConstantOperation(tensor: tensor)), [], [tensor.spec], name: name ?? scope)
    constants.append((tensor, value))
    return value
  }

  /// Records `operation` on `inputs` and returns its outputs.
  ///
  /// - Throws: `shapeMismatch` or `invalidArgument` from the operation's shape rule.
  public func append(
    _ operation: Operation, _ inputs: [Value], name: String? = nil
  ) throws(KerasError) -> [Value] {
    let specs = try operation.rule.outputSpecs(for: inputs.map(graph.spec(of:)))
    let first = record(operation, inputs, specs, name: name ?? scope)
    return specs.indices.map { Value(node: first.node, output: $0) }
  }

  /// The finished graph, returning `outputs`.
  public func finish(returning outputs: [Value]) -> Graph {
    var finished = graph
    finished.outputs = outputs
    return finished
  }

  public func spec(of value: Value) -> TensorSpec { graph.spec(of: value) }
  public func shape(of value: Value) -> Shape { graph.shape(of: value) }

  private func record(
    _ operation: Operation, _ inputs: [Value], _ specs: [TensorSpec], name: String
  ) -> Value {
    graph.nodes.append(Node(operation: operation, inputs: inputs, outputs: specs, name: name))
    return Value(node: graph.nodes.count - 1)
  }
}

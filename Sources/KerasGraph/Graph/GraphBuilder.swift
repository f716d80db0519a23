@_exported import KerasCore

/// Records operations into a graph, checking shapes as it goes.
///
/// Layers receive one in `call`; the methods that append an operation stand in that operation's file.
/// Equal constants (the same tensor memory) are recorded once, so that sharing a layer shares its weights.
public final class GraphBuilder {
  public private(set) var graph = Graph()
  /// Given to the nodes recorded from now on; a layer's name, usually.
  public var scope = ""
  private var constants: [ConstantOperation: Value] = [:]
  private var scalars: [Scalar: Value] = [:]

  /// A builder without nodes.
  public init() {}

  /// A value the caller of the finished graph will supply.
  public func input(_ spec: TensorSpec, name: String = "") -> Value {
    let value = record(.input(InputOperation(spec: spec)), [], [spec], name: name)
    graph.inputs.append(value)
    return value
  }

  /// One number as a constant without axes; equal numbers are recorded once.
  public func scalar(_ number: Double, _ dataType: DataType = .float32) -> Value {
    let key = Scalar(bits: number.bitPattern, dataType: dataType)
    if let known = scalars[key] { return known }
    let value = constant(Tensor(scalar: number).converted(to: dataType), name: "")
    scalars[key] = value
    return value
  }

  private struct Scalar: Hashable {
    let bits: UInt64
    let dataType: DataType
  }

  /// An input that nobody will supply; see ``placeholder(_:)``.
  func unsupplied(_ spec: TensorSpec) -> Value {
    record(.input(InputOperation(spec: spec)), [], [spec], name: scope)
  }

  /// A tensor known now.
  public func constant(_ tensor: Tensor, name: String? = nil) -> Value {
    constant(ConstantOperation(tensor: tensor), name: name)
  }

  /// A constant of another graph.
  func constant(_ constant: ConstantOperation, name: String? = nil) -> Value {
    if let known = constants[constant] { return known }
    let value = record(.constant(constant), [], [constant.tensor.spec], name: name ?? scope)
    constants[constant] = value
    return value
  }

  /// Records `operation` on `inputs` and returns its outputs.
  ///
  /// - Throws: `shapeMismatch` or `invalidArgument` from the operation's shape rule.
  public func append(
    _ operation: Graph.Operation, _ inputs: [Value], name: String? = nil
  ) throws(KerasError) -> [Value] {
    let specs = try operation.rule.outputSpecs(for: inputs.map(graph.spec(of:)))
    let first = record(operation, inputs, specs, name: name ?? scope)
    return specs.indices.map { Value(node: first.node, output: $0) }
  }

  /// Records a finished graph once more, on other inputs, and returns its outputs.
  ///
  /// - Throws: `invalidArgument` when the number of inputs differs, and what shape rules throw.
  public func inline(_ other: Graph, on inputs: [Value]) throws(KerasError) -> [Value] {
    guard inputs.count == other.inputs.count else {
      throw KerasError(.invalidArgument, "Expected \(other.inputs.count) inputs, found \(inputs.count).")
    }
    var values: [Value: Value] = [:]
    for (input, value) in zip(other.inputs, inputs) { values[input] = value }
    for (index, node) in other.nodes.enumerated() where values[Value(node: index)] == nil {
      if case .constant(let constant) = node.operation {
        values[Value(node: index)] = self.constant(constant, name: node.name)
        continue
      }
      let results = try append(node.operation, node.inputs.compactMap { values[$0] }, name: node.name)
      for (output, result) in results.enumerated() { values[Value(node: index, output: output)] = result }
    }
    return other.outputs.compactMap { values[$0] }
  }

  /// Replaces a node's operation by one that returns the same and something more behind it.
  func extend(_ node: Int, to operation: Operation) throws(KerasError) {
    let old = graph.nodes[node]
    let specs = try operation.rule.outputSpecs(for: old.inputs.map(graph.spec(of:)))
    precondition(specs.prefix(old.outputs.count) == old.outputs[...], "an extension that changes outputs")
    graph.nodes[node] = Node(operation: operation, inputs: old.inputs, outputs: specs, name: old.name)
  }

  /// The finished graph, returning `outputs`.
  public func finish(returning outputs: [Value]) -> Graph {
    var finished = graph
    finished.outputs = outputs
    return finished
  }

  /// The finished graph, returning `outputs`, whose `states` are carried from run to run: they come last among its
  /// inputs, and their updates last among its outputs. A state that is only read is its own update.
  ///
  /// - Throws: `invalidArgument` when a state is not an input, or is named twice; `shapeMismatch` when an update's
  ///   shape or type is another than its state's.
  public func finish(returning outputs: [Value], states: [GraphState]) throws(KerasError) -> Graph {
    var finished = graph
    let carried = Set(states.map(\.input))
    finished.inputs = graph.inputs.filter { !carried.contains($0) } + states.map(\.input)
    finished.outputs = outputs + states.map(\.update)
    finished.stateCount = states.count
    guard carried.count == states.count, finished.inputs.count == graph.inputs.count else {
      throw KerasError(.invalidArgument, "Each state must be another one of the graph's inputs.")
    }
    try finished.verifyStates()
    return finished
  }

  /// Element type and shape of a value recorded here.
  public func spec(of value: Value) -> TensorSpec { graph.spec(of: value) }
  /// The shape of a value recorded here; lengths that only a run knows are nil.
  public func shape(of value: Value) -> Shape { graph.shape(of: value) }

  private func record(
    _ operation: Operation, _ inputs: [Value], _ specs: [TensorSpec], name: String
  ) -> Value {
    graph.nodes.append(Node(operation: operation, inputs: inputs, outputs: specs, name: name))
    return Value(node: graph.nodes.count - 1)
  }
}

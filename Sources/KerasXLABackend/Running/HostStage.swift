import KerasGraph
import KerasPlainKernels

/// What is computed on the host before a program runs on a device: hashes, and what they are made of.
struct HostStage: Sendable {
  /// The part of the graph that the hashes need, with them as outputs and all inputs of the whole.
  private let graph: Graph

  /// Splits a graph; nil where nothing in it needs the host.
  ///
  /// - Returns: the stage, and the graph that is left, which takes the hashes as inputs before its states.
  /// - Throws: `unsupported` for hashes of what only the device knows: states.
  static func split(_ graph: Graph) throws(KerasError) -> (stage: HostStage, rest: Graph)? {
    let hashes = graph.nodes.indices.filter {
      if case .hash = graph.nodes[$0].operation { true } else { false }
    }
    guard !hashes.isEmpty else { return nil }
    var host = graph
    host.outputs = hashes.map { Value(node: $0) }
    host.stateCount = 0
    host = try RemoveDeadOperations().apply(to: host)
    let consumers = host.consumers()
    for state in host.inputs.suffix(graph.stateCount) where !consumers[state.node].isEmpty {
      throw KerasError(
        .unsupported, "Hashing what a model carries from one batch to the next is done on the CPU only.",
        remedy: "compute with --device cpu.")
    }
    for node in host.nodes where node.outputs.count != 1 || !canRun(node.operation) {
      throw KerasError(
        .unsupported, "What is hashed comes from \(node.operation.name), which only the device computes.",
        path: [node.name].filter { !$0.isEmpty }, remedy: "compute with --device cpu.")
    }
    var rest = graph
    for index in hashes {
      rest.nodes[index].operation = .input(InputOperation(spec: graph.nodes[index].outputs[0]))
      rest.nodes[index].inputs = []
    }
    rest.inputs.insert(contentsOf: hashes.map { Value(node: $0) }, at: graph.inputs.count - graph.stateCount)
    return (HostStage(graph: host), try RemoveDeadOperations().apply(to: rest))
  }

  /// Whether ``PlainEvaluator``, or this stage itself, computes an operation.
  private static func canRun(_ operation: Operation) -> Bool {
    switch operation {
    case .scan, .recurrent, .recurrentGradient: false
    default: true
    }
  }

  /// The hashes.
  ///
  /// - Parameter inputs: of the whole graph, states left out.
  func run(_ inputs: [Tensor]) throws(KerasError) -> [Tensor] {
    var values: [Value: Tensor] = [:]
    for (value, tensor) in zip(graph.inputs, inputs) { values[value] = tensor }
    for (index, node) in graph.nodes.enumerated() {
      switch node.operation {
      case .input: continue
      case .constant(let constant): values[Value(node: index)] = constant.tensor
      case .reshape:
        guard let tensor = values[node.inputs[0]], let lengths = node.outputs[0].shape.known else { continue }
        values[Value(node: index)] = try tensor.reshaped(to: lengths)
      default:
        values[Value(node: index)] = try within(node.name) { () throws(KerasError) in
          try PlainEvaluator().value(of: node, on: node.inputs.compactMap { values[$0] })
        }
      }
    }
    return graph.outputs.compactMap { values[$0] }
  }
}

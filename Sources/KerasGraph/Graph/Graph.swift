/// A tensor that a graph computes: output number `output` of node number `node`.
public struct Value: Hashable, Sendable {
  public let node: Int
  public let output: Int

  public init(node: Int, output: Int = 0) {
    self.node = node
    self.output = output
  }
}

extension Value: CustomStringConvertible {
  /// As printed in graphs: `%4`, or `%4.1` for output number 1.
  public var description: String { output == 0 ? "%\(node)" : "%\(node).\(output)" }
}

/// One operation applied to values computed before it.
public struct Node: Sendable {
  public var operation: Graph.Operation
  public var inputs: [Value]
  /// What the operation's shape rule said of its outputs.
  public let outputs: [TensorSpec]
  /// Where the node comes from, for people: a layer's name, as `conv1_bn`. Need not be unique.
  public var name: String
}

/// A computation: nodes in an order in which each can run after those before it.
///
/// Graphs are values. They are made by a ``GraphBuilder``, rewritten by passes and compiled by a ``Backend``.
public struct Graph: Sendable {
  public package(set) var nodes: [Node] = []
  /// The values the caller supplies, in the order it supplies them.
  public package(set) var inputs: [Value] = []
  /// The values the caller gets back, in order.
  public package(set) var outputs: [Value] = []
  /// How many of the last inputs are states: numbers carried from one run to the next. As many of the last
  /// outputs are their new values, in the same order.
  public package(set) var stateCount = 0

  public init() {}

  public func spec(of value: Value) -> TensorSpec { nodes[value.node].outputs[value.output] }
  public func shape(of value: Value) -> Shape { spec(of: value).shape }
  public func operation(of value: Value) -> Operation { nodes[value.node].operation }

  /// The tensor behind a value that is a constant.
  public func constant(_ value: Value) -> Tensor? { constantOperation(value)?.tensor }

  /// The constant that a value is.
  package func constantOperation(_ value: Value) -> ConstantOperation? {
    if case .constant(let constant) = operation(of: value) { constant } else { nil }
  }

  /// The nodes that read each node's outputs, once per reading; outputs of the graph are not counted.
  public func consumers() -> [[Int]] {
    var consumers = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs { consumers[input.node].append(index) }
    }
    return consumers
  }

  /// Checks what every pass must keep: order, arity, and specs that the shape rules still give.
  ///
  /// - Throws: `invalidArgument` naming the first broken node. A graph that fails here is a defect of
  ///   the pass that made it.
  public func verify() throws(KerasError) {
    for (index, node) in nodes.enumerated() {
      for input in node.inputs {
        guard (0..<index).contains(input.node), nodes[input.node].outputs.indices.contains(input.output)
        else {
          throw broken(index, "reads \(input), which is not computed before it")
        }
      }
      let specs = try within("node \(index)") { () throws(KerasError) in
        try node.operation.rule.outputSpecs(for: node.inputs.map(spec(of:)))
      }
      guard specs == node.outputs else {
        let (claimed, given) = (node.outputs.map(\.description), specs.map(\.description))
        throw broken(
          index,
          "claims \(claimed.joined(separator: ", ")), but its shape rule gives "
            + given.joined(separator: ", "))
      }
    }
    for value in inputs + outputs {
      guard nodes.indices.contains(value.node), nodes[value.node].outputs.indices.contains(value.output)
      else {
        throw KerasError(.invalidArgument, "The graph's inputs or outputs name \(value), which is not there.")
      }
    }
    try verifyStates()
  }

  private func broken(_ index: Int, _ what: String) -> KerasError {
    KerasError(
      .invalidArgument, "Node \(index) (\(nodes[index].operation.name)) \(what).", path: [nodes[index].name])
  }
}

extension Graph: CustomStringConvertible {
  /// One line a node: `%4 = convolution(%0, %1) strides [2, 2] : float32(1, 112, 112, 64)  # conv1_conv`. The body of a
  /// scan follows it, indented.
  public var description: String {
    var lines = nodes.enumerated().flatMap { index, node in
      let arguments = node.inputs.map(\.description)
      let specs = node.outputs.map(\.description).joined(separator: ", ")
      let comment = node.name.isEmpty ? "" : "  # \(node.name)"
      let settings = node.operation.rule.settings
      let line =
        "%\(index) = \(node.operation.name)(\(arguments.joined(separator: ", ")))"
        + (settings.isEmpty ? "" : " \(settings)") + " : \(specs)\(comment)"
      guard case .scan(let scan) = node.operation else { return [line] }
      return [line] + scan.body.graph.description.split(separator: "\n").map { "  | \($0)" }
    }
    lines.append("return " + outputs.dropLast(stateCount).map(\.description).joined(separator: ", "))
    for state in states { lines.append("carry \(state.input) ← \(state.update)") }
    return lines.joined(separator: "\n")
  }
}

/// A rewriting of graphs that keeps their meaning.
public protocol Pass: Sendable {
  /// The type's name, as `keras inspect --after` takes it.
  var name: String { get }
  func apply(to graph: Graph) throws(KerasError) -> Graph
}

extension Pass {
  public var name: String { "\(Self.self)" }
}

/// Passes in the order they run. The graph is verified after each.
public struct PassPipeline: Sendable {
  public let passes: [any Pass]

  public init(_ passes: [any Pass]) { self.passes = passes }

  /// What every graph goes through before a backend prepares a program (``Backend/prepare(optimizing:options:)``).
  ///
  /// A step of training is no exception: its weights are inputs, and what its gradients read again stays. (A batch
  /// normalization with constant statistics is a frozen one, and folds as ever.)
  ///
  /// - Parameter evaluator: computes what follows from constants alone; nil leaves that to each run.
  public static func standard(evaluator: (any ConstantEvaluator)? = nil) -> PassPipeline {
    let folding: [any Pass] = evaluator.map { [FoldConstants(with: $0)] } ?? []
    let rewriting: [any Pass] = [
      FoldConstantReshapes(),
      RemoveIdentityOperations(),
      SinkReshapes(),
      FoldTransposes(),
      CancelTransposes(),
      FoldTransposes(),
      RemoveIdentityOperations(),
      ShareCommonOperations(),
      FoldConstantReshapes(),
      FoldPadding(),
      FuseBias(),
      FoldBatchNormalization(),
      FuseResidual(),
      FuseActivation(),
      PullStridesBack(),
      RemoveDeadOperations(),
    ]
    return PassPipeline(
      rewriting + folding + [OptimizeScanBodies(with: evaluator), RemoveDeadOperations()])
  }

  /// The graph after all passes, or after those up to and including `last`.
  ///
  /// - Throws: `unknownName` when no pass is called `last`.
  public func apply(to graph: Graph, through last: String? = nil) throws(KerasError) -> Graph {
    if let last, !passes.contains(where: { $0.name == last }) {
      throw KerasError(
        .unknownName, "There is no pass called `\(last)`.",
        remedy: "name one of " + passes.map(\.name).joined(separator: ", ") + ".")
    }
    var graph = graph
    for pass in passes {
      let rewritten = try within(pass.name) { () throws(KerasError) in
        let rewritten = try pass.apply(to: graph)
        try rewritten.verify()
        return rewritten
      }
      graph = rewritten
      if pass.name == last { break }
    }
    return graph
  }
}

/// Builds a pass's result while walking the graph it rewrites.
package struct GraphRewriter {
  package let source: Graph
  package private(set) var result = Graph()
  /// How often each value of the source is read; being returned counts as a reading.
  private var readings: [Value: Int] = [:]
  private var replacements: [Value: Value] = [:]

  init(_ source: Graph) {
    self.source = source
    for node in source.nodes { for input in node.inputs { readings[input, default: 0] += 1 } }
    for value in source.outputs { readings[value, default: 0] += 1 }
  }

  /// Whether exactly one node reads `value` (of the source), so that fusing it away loses nothing.
  package func isReadOnce(_ value: Value) -> Bool { readings[value] == 1 }

  /// What a source value has become in the result.
  package func rewritten(_ value: Value) -> Value {
    guard let new = replacements[value] else { preconditionFailure("a value used before it is computed") }
    return new
  }

  /// Copies a node as it is.
  package mutating func copy(_ index: Int) {
    let node = source.nodes[index]
    let first = append(node.operation, node.inputs.map(rewritten), node.outputs, node.name)
    for output in node.outputs.indices {
      replacements[Value(node: index, output: output)] = Value(node: first.node, output: output)
    }
  }

  /// Lets the only output of node `index` be computed by another operation on values of the result.
  package mutating func replace(_ index: Int, by operation: Operation, _ inputs: [Value]) throws(KerasError) {
    replacements[Value(node: index)] = try emit(operation, inputs, name: source.nodes[index].name)
  }

  /// Lets all outputs of node `index` be those of another operation, of the same specs, on values of the result.
  package mutating func replace(_ index: Int, byAllOf operation: Operation, _ inputs: [Value]) throws(KerasError) {
    let first = try emit(operation, inputs, name: source.nodes[index].name)
    replace(index, byNode: first.node)
  }

  /// Lets the only output of node `index` be a value that is already in the result.
  package mutating func replace(_ index: Int, by value: Value) {
    replacements[Value(node: index)] = value
  }

  /// Lets all outputs of node `index` be those of a node of the result that computes the same.
  mutating func replace(_ index: Int, byNode node: Int) {
    for output in source.nodes[index].outputs.indices {
      replacements[Value(node: index, output: output)] = Value(node: node, output: output)
    }
  }

  /// Adds an operation and gives its first output.
  package mutating func emit(_ operation: Operation, _ inputs: [Value], name: String) throws(KerasError)
    -> Value
  {
    append(operation, inputs, try operation.rule.outputSpecs(for: inputs.map(result.spec(of:))), name)
  }

  mutating func finish() -> Graph {
    result.inputs = source.inputs.map(rewritten)
    result.outputs = source.outputs.map(rewritten)
    result.stateCount = source.stateCount
    return result
  }

  private mutating func append(
    _ operation: Operation, _ inputs: [Value], _ outputs: [TensorSpec], _ name: String
  ) -> Value {
    result.nodes.append(Node(operation: operation, inputs: inputs, outputs: outputs, name: name))
    return Value(node: result.nodes.count - 1)
  }
}

extension Graph {
  /// Rewrites node by node: `change` replaces a node and returns true, or returns false to keep it.
  package func rewritingNodes(
    _ change: (Int, Node, inout GraphRewriter) throws(KerasError) -> Bool
  ) throws(KerasError) -> Graph {
    var rewriter = GraphRewriter(self)
    for (index, node) in nodes.enumerated() where try !change(index, node, &rewriter) {
      rewriter.copy(index)
    }
    return rewriter.finish()
  }
}

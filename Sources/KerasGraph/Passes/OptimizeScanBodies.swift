/// Puts what every step of a scan reads and is constant into its body, and simplifies that as any other graph.
///
/// `scan(s, xs, k)` with a body that multiplies by its input `k`, a constant, becomes `scan(s, xs)` with a body that
/// multiplies by a constant, which a backend packs once.
public struct OptimizeScanBodies: Pass {
  private let evaluator: (any ConstantEvaluator)?

  public init(with evaluator: (any ConstantEvaluator)?) { self.evaluator = evaluator }

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    let passes = PassPipeline.standard(evaluator: evaluator)
    return try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      guard case .scan(let scan) = node.operation else { return false }
      let (body, captured) = try scan.body.graph.holding(
        node.inputs.enumerated().map { position, input in
          position < scan.stateCount + scan.sequenceCount
            ? nil : rewriter.result.constantOperation(rewriter.rewritten(input))
        })
      let operation = ScanOperation(
        body: try passes.apply(to: body), stateCount: scan.stateCount, sequenceCount: scan.sequenceCount,
        isReversed: scan.isReversed, keepsStates: scan.keepsStates)
      try rewriter.replace(index, byAllOf: .scan(operation), captured.map { rewriter.rewritten(node.inputs[$0]) })
      return true
    }
  }
}

extension Graph {
  /// The graph with some inputs known, and the positions of the inputs that are left.
  fileprivate func holding(_ constants: [ConstantOperation?]) throws(KerasError) -> (graph: Graph, left: [Int]) {
    let builder = GraphBuilder()
    let values = zip(inputs, constants).map { input, constant in
      let name = nodes[input.node].name
      return constant.map { builder.constant($0, name: name) } ?? builder.input(spec(of: input), name: name)
    }
    let outputs = try builder.inline(self, on: values)
    return (builder.finish(returning: outputs), constants.indices.filter { constants[$0] == nil })
  }
}

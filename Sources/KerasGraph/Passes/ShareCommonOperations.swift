/// Computes once what is computed twice: the same operation on the same values.
///
/// `a = tanh(x); b = tanh(x); return a + b` becomes `a = tanh(x); return a + a`. Gradients repeat what was computed on
/// the way forward.
public struct ShareCommonOperations: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    var known: [Computation: Int] = [:]
    return try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      if case .input = node.operation { return false }
      let computation = Computation(operation: node.operation, inputs: node.inputs.map(rewriter.rewritten))
      if let first = known[computation] {
        rewriter.replace(index, byNode: first)
        return true
      }
      known[computation] = rewriter.result.nodes.count
      return false
    }
  }

  private struct Computation: Hashable {
    let operation: Operation
    let inputs: [Value]
  }
}

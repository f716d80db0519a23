/// A reshaped constant is a constant (of the same memory).
///
/// `k = constant (3, 3, 32, 1); d = reshape(k, (3, 3, 1, 32))` becomes `d = constant (3, 3, 1, 32)`.
public struct FoldConstantReshapes: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      guard case .reshape = node.operation,
        let constant = rewriter.result.constantOperation(rewriter.rewritten(node.inputs[0])),
        let shape = node.outputs[0].shape.known
      else { return false }
      try rewriter.replace(index, by: .constant(constant.reshaped(to: shape)), [])
      return true
    }
  }
}

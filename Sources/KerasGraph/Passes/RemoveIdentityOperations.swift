/// Drops operations that return their input unchanged (``OperationRule/isIdentity(on:)``): a reshape to the same shape,
/// a transposition that moves nothing, padding by nothing, a cast to the same type, a slice of everything, a window of
/// one element that visits each, one tensor joined to nothing, a reduction along no axis.
///
/// `y = reshape(x, (1, 64)); z = relu(y)` with x of shape (1, 64) becomes `z = relu(x)`.
public struct RemoveIdentityOperations: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      let inputs = node.inputs.map(graph.spec(of:))
      guard let first = inputs.first, node.outputs == [first], node.operation.rule.isIdentity(on: inputs) else {
        return false
      }
      rewriter.replace(index, by: rewriter.rewritten(node.inputs[0]))
      return true
    }
  }
}

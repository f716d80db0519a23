/// Lets a convolution, matrix product or batch normalization apply the function that follows it.
///
/// `c = convolution(x, k) + b; y = relu(c)` becomes `y = convolution(x, k) + b, relu`.
public struct FuseActivation: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      guard case .unary(let unary) = node.operation, rewriter.isReadOnce(node.inputs[0]) else { return false }
      let input = rewriter.rewritten(node.inputs[0])
      if var sum = FusedSum(input, in: rewriter.result), sum.epilogue.activation == nil {
        sum.epilogue.activation = unary.function
        try rewriter.replace(index, by: sum.operation, sum.inputs)
        return true
      }
      if case .batchNormalization(var normalization) = rewriter.result.operation(of: input),
        normalization.activation == nil
      {
        normalization.activation = unary.function
        let inputs = rewriter.result.nodes[input.node].inputs
        try rewriter.replace(index, by: .batchNormalization(normalization), inputs)
        return true
      }
      return false
    }
  }
}

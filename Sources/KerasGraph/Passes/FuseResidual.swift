/// Lets a convolution or matrix product add the tensor that is added to its output: a residual connection.
///
/// `c = convolution(x, k) + b; y = add(c, r)` becomes `y = convolution(x, k) + b + r`. When both operands
/// could, the one computed last does: the other is then ready.
public struct FuseResidual: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      guard case .binary(let binary) = node.operation, binary.function == .add,
        node.inputs.allSatisfy({ graph.spec(of: $0) == node.outputs[0] })
      else { return false }
      for sum in node.inputs.sorted(by: { $0.node > $1.node }) {
        guard rewriter.isReadOnce(sum), let residual = node.inputs.first(where: { $0 != sum }),
          var fused = FusedSum(rewriter.rewritten(sum), in: rewriter.result),
          !fused.epilogue.hasResidual, fused.epilogue.activation == nil
        else { continue }
        fused.epilogue.hasResidual = true
        try rewriter.replace(index, by: fused.operation, fused.inputs + [rewriter.rewritten(residual)])
        return true
      }
      return false
    }
  }
}

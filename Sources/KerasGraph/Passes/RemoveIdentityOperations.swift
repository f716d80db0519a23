/// Drops operations that return their input unchanged: a reshape to the same shape, a transposition that
/// moves nothing, padding by nothing, a cast to the same type, a slice of everything, a window of one
/// element that visits each, one tensor joined to nothing, a reduction along no axis.
///
/// `y = reshape(x, (1, 64)); z = relu(y)` with x of shape (1, 64) becomes `z = relu(x)`.
public struct RemoveIdentityOperations: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      guard isIdentity(node, in: graph) else { return false }
      rewriter.replace(index, by: rewriter.rewritten(node.inputs[0]))
      return true
    }
  }

  private func isIdentity(_ node: Node, in graph: Graph) -> Bool {
    guard let first = node.inputs.first, node.outputs == [graph.spec(of: first)] else { return false }
    switch node.operation {
    case .reshape, .cast: return true
    case .transpose(let transpose): return transpose.permutation == Array(transpose.permutation.indices)
    case .pad(let pad): return pad.padding.allSatisfy { $0 == .none }
    case .slice, .concatenate: return node.inputs.count == 1
    case .reduction(let reduction): return reduction.axes.isEmpty
    case .pooling(let pooling):
      return (pooling.window.size + pooling.window.strides).allSatisfy { $0 == 1 }
    case .unary(let unary): return unary.function == .linear(scale: 1, offset: 0)
    case .broadcast: return true
    case .reverse(let reverse): return reverse.axes.isEmpty
    case .input, .constant, .convolution, .matrixMultiply, .binary, .batchNormalization, .softmax, .compare,
      .select, .gather, .scatterAdd, .argumentReduction, .sort, .searchSorted, .hash, .cumulative, .random,
      .standardize, .transposedConvolution, .convolutionKernelGradient, .poolingGradient, .poolingSelection,
      .scan, .recurrent, .recurrentGradient:
      return false
    }
  }
}

/// Multiplies constant scales of epilogues into constant kernels.
///
/// `convolution(x, k) · s + b` becomes `convolution(x, k · s) + b`, whose product of constants is then folded. For a
/// backend that packs no kernels, and would multiply what comes out of each.
public struct FoldScales: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      guard var sum = FusedSum(Value(node: index), in: graph), let scaleInput = sum.epilogue.scaleInput,
        graph.constantOperation(sum.inputs[1]) != nil, graph.constantOperation(sum.inputs[scaleInput]) != nil,
        sum.channelsAreLast
      else { return false }
      sum.epilogue.hasScale = false
      var inputs = sum.inputs.map(rewriter.rewritten)
      let scale = inputs.remove(at: scaleInput)
      inputs[1] = try rewriter.emit(
        .binary(BinaryOperation(.multiply)), [inputs[1], scale], name: graph.nodes[sum.inputs[1].node].name)
      try rewriter.replace(index, by: sum.operation, inputs)
      return true
    }
  }
}

extension FusedSum {
  /// Whether the last axis of what is multiplied with is that of the result.
  fileprivate var channelsAreLast: Bool {
    if case .matrixMultiply(let product) = operation { !product.transposesSecond } else { true }
  }
}

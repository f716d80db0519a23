/// Lets a convolution or matrix product add the vector that is added to its output along the last axis.
///
/// `c = convolution(x, k); y = add(c, b)` with b of shape (channels,) becomes `y = convolution(x, k) + b`.
public struct FuseBias: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      guard case .binary(let binary) = node.operation, binary.function == .add else { return false }
      for (sum, bias) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
        guard rewriter.isReadOnce(sum), graph.shape(of: bias).rank == 1,
          graph.spec(of: sum) == node.outputs[0],
          var fused = FusedSum(rewriter.rewritten(sum), in: rewriter.result),
          fused.epilogue == Epilogue(hasScale: fused.epilogue.hasScale),
          graph.shape(of: bias)[0] == graph.shape(of: sum).last ?? nil
        else { continue }
        fused.epilogue.hasBias = true
        try rewriter.replace(index, by: fused.operation, fused.inputs + [rewriter.rewritten(bias)])
        return true
      }
      return false
    }
  }
}

/// A convolution or matrix product seen as what they share: sums with an epilogue.
struct FusedSum {
  private let base: Operation
  var epilogue: Epilogue
  var inputs: [Value]

  init?(_ value: Value, in graph: Graph) {
    let node = graph.nodes[value.node]
    switch node.operation {
    case .convolution(let convolution): epilogue = convolution.epilogue
    case .matrixMultiply(let product): epilogue = product.epilogue
    default: return nil
    }
    base = node.operation
    inputs = node.inputs
  }

  var operation: Operation {
    switch base {
    case .convolution(var convolution):
      convolution.epilogue = epilogue
      return .convolution(convolution)
    case .matrixMultiply(var product):
      product.epilogue = epilogue
      return .matrixMultiply(product)
    default:
      return base
    }
  }
}

/// Lets a convolution or maximum pool do the zero padding before it.
///
/// `p = pad(x, 3); y = convolution(p, k)` becomes `y = convolution(x, k) padding 3`. A maximum ignores its
/// own padding instead of reading zeros, so there x must have no negative element (the output of a ReLU).
public struct FoldPadding: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      guard let first = node.inputs.first, case .pad(let pad) = graph.operation(of: first), pad.value == 0,
        pad.padding.first == AxisPadding.none, pad.padding.last == AxisPadding.none
      else { return false }
      let image = graph.nodes[first.node].inputs[0]
      let spatial = Array(pad.padding.dropFirst().dropLast())
      let inputs = [rewriter.rewritten(image)] + node.inputs.dropFirst().map(rewriter.rewritten)
      switch node.operation {
      case .convolution(var convolution):
        guard convolution.window.rank == spatial.count else { return false }
        convolution.window.padding = sum(convolution.window.padding, spatial)
        try rewriter.replace(index, by: .convolution(convolution), inputs)
        return true
      case .pooling(var pooling):
        guard pooling.kind == .maximum, pooling.window.rank == spatial.count, isNonNegative(image, in: graph)
        else { return false }
        pooling.window.padding = sum(pooling.window.padding, spatial)
        let window = pooling.window
        guard spatial.indices.allSatisfy({ window.seesElements($0, of: graph.shape(of: image)[$0 + 1]) })
        else { return false }
        try rewriter.replace(index, by: .pooling(pooling), inputs)
        return true
      default:
        return false
      }
    }
  }

  private func sum(_ a: [AxisPadding], _ b: [AxisPadding]) -> [AxisPadding] {
    zip(a, b).map { AxisPadding($0.before + $1.before, $0.after + $1.after) }
  }

  private func isNonNegative(_ value: Value, in graph: Graph) -> Bool {
    if case .unary(let unary) = graph.operation(of: value) { unary.function.isNonNegative } else { false }
  }
}

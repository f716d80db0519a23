/// Lets a matrix product read its matrices transposed, or give its result transposed.
///
/// `t = transpose(b) [0, 2, 1]; y = matrixMultiply(a, t)` becomes `y = matrixMultiply(a, b) second transposed`, and
/// `y = matrixMultiply(a, b); t = transpose(y) [0, 2, 1]` becomes `t = matrixMultiply(b, a)` with both transposed. Of
/// a transposition that does more, the rest is left, rows then staying rows.
public struct FoldTransposes: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      switch node.operation {
      case .matrixMultiply(let product): return try foldOperands(product, index, node, &rewriter)
      case .transpose(let transpose): return try foldResult(transpose, index, node, &rewriter)
      default: return false
      }
    }
  }

  private func foldOperands(
    _ product: MatrixMultiplyOperation, _ index: Int, _ node: Node, _ rewriter: inout GraphRewriter
  ) throws(KerasError) -> Bool {
    var (product, inputs) = (product, node.inputs.map(rewriter.rewritten))
    var isChanged = false
    for position in 0..<2 {
      guard case .transpose(let transpose) = rewriter.result.operation(of: inputs[position]),
        let rest = Self.swappedAfterwards(transpose.permutation)
      else { continue }
      if position == 0 { product.transposesFirst.toggle() } else { product.transposesSecond.toggle() }
      let origin = rewriter.result.nodes[inputs[position].node].inputs[0]
      inputs[position] =
        rest == Array(rest.indices)
        ? origin : try rewriter.emit(.transpose(TransposeOperation(rest)), [origin], name: node.name)
      isChanged = true
    }
    if isChanged { try rewriter.replace(index, by: .matrixMultiply(product), inputs) }
    return isChanged
  }

  private func foldResult(
    _ transpose: TransposeOperation, _ index: Int, _ node: Node, _ rewriter: inout GraphRewriter
  ) throws(KerasError) -> Bool {
    let value = rewriter.rewritten(node.inputs[0])
    guard case .matrixMultiply(let product) = rewriter.result.operation(of: value),
      product.epilogue == Epilogue(),
      rewriter.isReadOnce(node.inputs[0]), let rest = Self.swappedBefore(transpose.permutation)
    else { return false }
    let inputs = rewriter.result.nodes[value.node].inputs
    let (a, b) = (inputs[0], inputs[1])
    guard rewriter.result.shape(of: a).rank == rewriter.result.shape(of: b).rank else { return false }
    let swapped = MatrixMultiplyOperation(
      transposesFirst: !product.transposesSecond, transposesSecond: !product.transposesFirst)
    guard rest != Array(rest.indices) else {
      try rewriter.replace(index, by: .matrixMultiply(swapped), [b, a])
      return true
    }
    let result = try rewriter.emit(.matrixMultiply(swapped), [b, a], name: node.name)
    try rewriter.replace(index, by: .transpose(TransposeOperation(rest)), [result])
    return true
  }

  /// The permutation followed by a swap of the last two axes, when that lets rows stay rows.
  private static func swappedAfterwards(_ permutation: [Int]) -> [Int]? {
    guard permutation.count >= 2, permutation[permutation.count - 2] == permutation.count - 1 else {
      return nil
    }
    var rest = permutation
    rest.swapAt(rest.count - 2, rest.count - 1)
    return rest
  }

  /// The permutation of what has its last two axes swapped beforehand, when that lets rows stay rows.
  private static func swappedBefore(_ permutation: [Int]) -> [Int]? {
    let (row, column) = (permutation.count - 2, permutation.count - 1)
    guard permutation.count >= 2, permutation[column] == row else { return nil }
    return permutation.map { $0 == row ? column : $0 == column ? row : $0 }
  }
}

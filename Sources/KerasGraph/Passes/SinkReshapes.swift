/// Moves reshapes, which cost nothing, behind what works element by element, so that it stands beside what it can
/// be fused with.
///
/// `p = matrixMultiply(x, w) (8, 512); r = reshape(p) (8, 8, 64); y = add(r, b)` with b of shape (8, 64) becomes
/// `c = reshape(b) (512,); s = add(p, c); y = reshape(s) (8, 8, 64)`.
public struct SinkReshapes: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      let operands: [Value]?
      switch node.operation {
      case .unary: operands = origin(of: node.inputs[0], rewriter).map { [$0] }
      case .binary: operands = try self.operands(of: node, &rewriter)
      default: operands = nil
      }
      guard let operands, let lengths = node.outputs[0].shape.known else { return false }
      let result = try rewriter.emit(node.operation, operands, name: node.name)
      try rewriter.replace(index, by: .reshape(ReshapeOperation(lengths)), [result])
      return true
    }
  }

  /// What a value is a reshape of.
  private func origin(of value: Value, _ rewriter: GraphRewriter) -> Value? {
    let value = rewriter.rewritten(value)
    guard case .reshape = rewriter.result.operation(of: value) else { return nil }
    return rewriter.result.nodes[value.node].inputs[0]
  }

  /// The operands before the reshape of one of them, which has the result's shape.
  private func operands(of node: Node, _ rewriter: inout GraphRewriter) throws(KerasError) -> [Value]? {
    for position in 0..<2 {
      let other = node.inputs[1 - position]
      guard rewriter.source.spec(of: node.inputs[position]) == node.outputs[0],
        let whole = origin(of: node.inputs[position], rewriter),
        let shape = rewriter.result.shape(of: whole).known, !shape.isEmpty,
        let partner = try partner(
          other, of: shape, reshapedTo: node.outputs[0].shape, &rewriter, name: node.name)
      else { continue }
      return position == 0 ? [whole, partner] : [partner, whole]
    }
    return nil
  }

  /// The other operand in a shape that fits `shape`: the same number, the other tensor before the same reshape, or
  /// what varied along the axes that were split from the last one as a vector.
  private func partner(
    _ value: Value, of shape: [Int], reshapedTo reshaped: Shape, _ rewriter: inout GraphRewriter, name: String
  ) throws(KerasError) -> Value? {
    let given = rewriter.source.shape(of: value)
    guard let lengths = given.known, let target = reshaped.known else { return nil }
    if elementCountOf(lengths) == 1, elementCountOf(shape) > 1 {
      return lengths.isEmpty
        ? rewriter.rewritten(value)
        : try rewriter.emit(.reshape(ReshapeOperation([])), [rewriter.rewritten(value)], name: name)
    }
    if lengths == target, let whole = origin(of: value, rewriter),
      rewriter.result.shape(of: whole).known == shape
    {
      return whole
    }
    let own = Array(lengths.drop { $0 == 1 })
    guard !own.isEmpty, own.count < target.count, Array(target.suffix(own.count)) == own,
      elementCountOf(own) == shape[shape.count - 1]
    else { return nil }
    return try rewriter.emit(.reshape(ReshapeOperation([-1])), [rewriter.rewritten(value)], name: name)
  }
}

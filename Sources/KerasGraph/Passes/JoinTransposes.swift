/// Moves transpositions behind what does not care for the order of axes, and makes one of two in a row, or none.
///
/// `y = transpose(x, p); z = relu(y); w = transpose(z, q)` becomes `w = relu(x)` where `q` undoes `p`. So layers whose
/// channels come first, which transpose at both of their edges, meet each other with the channels last.
public struct JoinTransposes: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      let sources = node.inputs.map { transposition(rewriter.rewritten($0), in: rewriter.result) }
      guard let first = sources.first ?? nil else { return false }
      if case .transpose(let second) = node.operation {
        let joined = second.permutation.map { first.permutation[$0] }
        if joined == Array(joined.indices) {
          rewriter.replace(index, by: first.input)
        } else {
          try rewriter.replace(index, by: .transpose(TransposeOperation(joined)), [first.input])
        }
        return true
      }
      guard sources.allSatisfy({ $0?.permutation == first.permutation }),
        let operation = moved(node.operation, before: first.permutation)
      else { return false }
      let result = try rewriter.emit(operation, sources.compactMap { $0?.input }, name: node.name)
      try rewriter.replace(index, by: .transpose(TransposeOperation(first.permutation)), [result])
      return true
    }
  }

  private func transposition(_ value: Value, in graph: Graph) -> (input: Value, permutation: [Int])? {
    let node = graph.nodes[value.node]
    guard case .transpose(let transpose) = node.operation else { return nil }
    return (node.inputs[0], transpose.permutation)
  }

  /// What does the same to tensors that are transposed afterwards; nil where the order of axes matters.
  private func moved(_ operation: Operation, before permutation: [Int]) -> Operation? {
    switch operation {
    case .unary, .binary, .cast, .compare, .select: return operation
    case .pad(let pad):
      var padding = pad.padding
      for (axis, source) in permutation.enumerated() { padding[source] = pad.padding[axis] }
      return .pad(PadOperation(padding, value: pad.value))
    case .concatenate(let concatenate):
      return .concatenate(ConcatenateOperation(axis: permutation[concatenate.axis]))
    default: return nil
    }
  }
}

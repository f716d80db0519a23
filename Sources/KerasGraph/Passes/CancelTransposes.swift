/// Moves transpositions behind operations that do not mind the order of axes, until they meet and cancel each other.
///
/// A channels-first network transposes before and after each layer that computes channels-last: `a = transpose(x);
/// b = convolution(a, k); c = transpose(b); d = relu(c); e = transpose(d); f = convolution(e, l)` becomes
/// `a = transpose(x); b = convolution(a, k); d = relu(b); f = convolution(d, l)`.
///
/// A transposition moves behind what works element by element (other operands are reshaped when they vary along one
/// axis at most, and transposed when they are constants), joins, pads, slices, and what goes along one axis
/// (``OperationRule/reordered(by:)``); behind a reduction only as far as axes are left.
public struct CancelTransposes: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    let moved = try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      switch node.operation {
      case .transpose(let transpose): return try combine(transpose, index, node, &rewriter)
      case .reduction(let reduction): return try reduce(reduction, index, node, &rewriter)
      default: break
      }
      guard let permutation = permutation(of: node, rewriter),
        let operation = node.operation.rule.reordered(by: permutation),
        let inputs = try operands(of: node, before: permutation, &rewriter)
      else { return false }
      let result = try rewriter.emit(operation, inputs, name: node.name)
      try rewriter.replace(index, by: .transpose(TransposeOperation(permutation)), [result])
      return true
    }
    return try RemoveDeadOperations().apply(to: moved)
  }

  /// Two transpositions in a row are one, or none.
  private func combine(
    _ transpose: TransposeOperation, _ index: Int, _ node: Node, _ rewriter: inout GraphRewriter
  ) throws(KerasError) -> Bool {
    let input = rewriter.rewritten(node.inputs[0])
    guard case .transpose(let inner) = rewriter.result.operation(of: input) else { return false }
    let origin = rewriter.result.nodes[input.node].inputs[0]
    let together = transpose.permutation.map { inner.permutation[$0] }
    if together == Array(together.indices) {
      rewriter.replace(index, by: origin)
    } else {
      try rewriter.replace(index, by: .transpose(TransposeOperation(together)), [origin])
    }
    return true
  }

  /// Reduced along the axes they were before, elements come in the same order unless the axes left do not.
  private func reduce(
    _ reduction: ReductionOperation, _ index: Int, _ node: Node, _ rewriter: inout GraphRewriter
  ) throws(KerasError) -> Bool {
    let input = rewriter.rewritten(node.inputs[0])
    guard case .transpose(let transpose) = rewriter.result.operation(of: input) else { return false }
    let permutation = transpose.permutation
    var before = reduction
    before.axes = reduction.axes.map { permutation[$0] }.sorted()
    let left = permutation.indices.filter { reduction.keepsDimensions || !reduction.axes.contains($0) }
    let origins = left.map { permutation[$0] }
    let order = origins.map { origin in origins.filter { $0 < origin }.count }
    let origin = rewriter.result.nodes[input.node].inputs[0]
    let result = try rewriter.emit(.reduction(before), [origin], name: node.name)
    if order == Array(order.indices) {
      rewriter.replace(index, by: result)
    } else {
      try rewriter.replace(index, by: .transpose(TransposeOperation(order)), [result])
    }
    return true
  }

  /// The order of axes that operands were given, when it is one for all that were given one.
  private func permutation(of node: Node, _ rewriter: GraphRewriter) -> [Int]? {
    guard node.outputs.count == 1 else { return nil }
    var found: [Int]?
    for input in node.inputs {
      guard case .transpose(let transpose) = rewriter.result.operation(of: rewriter.rewritten(input)),
        transpose.permutation.count == node.outputs[0].shape.rank
      else { continue }
      guard found == nil || found == transpose.permutation else { return nil }
      found = transpose.permutation
    }
    return found
  }

  /// The operands as they were before `permutation`; nil when one of them was something else, or when the result is
  /// so much more than they were that it is better transposed early.
  private func operands(
    of node: Node, before permutation: [Int], _ rewriter: inout GraphRewriter
  ) throws(KerasError) -> [Value]? {
    let stretches = node.operation.rule.stretchesInputs
    let inverse = permutation.indices.sorted { permutation[$0] < permutation[$1] }
    var (operands, wasWhole): ([Value], Bool) = ([], !stretches)
    for input in node.inputs {
      let (value, shape) = (rewriter.rewritten(input), rewriter.source.shape(of: input))
      if case .transpose(let transpose) = rewriter.result.operation(of: value),
        transpose.permutation == permutation
      {
        operands.append(rewriter.result.nodes[value.node].inputs[0])
        wasWhole = wasWhole || shape == node.outputs[0].shape
        continue
      }
      guard stretches, let lengths = shape.known, lengths.count <= permutation.count else { return nil }
      let whole = [Int](repeating: 1, count: permutation.count - lengths.count) + lengths
      if whole.filter({ $0 != 1 }).count <= 1 {
        let lengths = lengths.isEmpty ? [] : inverse.map { whole[$0] }
        operands.append(try rewriter.emit(.reshape(ReshapeOperation(lengths)), [value], name: node.name))
      } else if rewriter.result.constant(value) != nil {
        let stretched = try rewriter.emit(.reshape(ReshapeOperation(whole)), [value], name: node.name)
        operands.append(
          try rewriter.emit(.transpose(TransposeOperation(inverse)), [stretched], name: node.name))
      } else {
        return nil
      }
    }
    return wasWhole ? operands : nil
  }
}

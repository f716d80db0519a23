/// Computes a node at once, on tensors that are known while a graph is made ready.
public protocol ConstantEvaluator: Sendable {
  /// The only output of `node`, of which all lengths are known, in memory of its own.
  func value(of node: Node, on inputs: [Tensor]) throws(KerasError) -> Tensor
}

/// Computes what follows from constants alone, once and for all (``OperationRule/folding``).
///
/// `k = constant (512, 8, 64); t = transpose(k)` becomes `t = constant (8, 512, 64)`. What is made of nothing (a
/// broadcast number, random numbers) stays, so that a program is not filled with it.
public struct FoldConstants: Pass {
  private let evaluator: any ConstantEvaluator

  public init(with evaluator: any ConstantEvaluator) { self.evaluator = evaluator }

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      let constants = node.inputs.compactMap { rewriter.result.constantOperation(rewriter.rewritten($0)) }
      guard !constants.isEmpty, constants.count == node.inputs.count, node.outputs.count == 1,
        let lengths = node.outputs[0].shape.known,
        let byteCount = checkedElementCount(lengths + [node.outputs[0].dataType.byteCount]),
        byteCount <= sizeLimit(of: node, constants)
      else { return false }
      try rewriter.replace(index, by: .constant(result(of: node, on: constants, lengths)), [])
      return true
    }
  }

  private func result(
    of node: Node, on constants: [ConstantOperation], _ lengths: [Int]
  ) throws(KerasError) -> ConstantOperation {
    if case .reshape = node.operation { return try constants[0].reshaped(to: lengths) }
    let computation = ConstantComputation(
      by: type(of: evaluator), node.operation, on: constants.map(\.identity), shape: lengths,
      node.outputs[0].dataType)
    return try ConstantOperation(computation) { () throws(KerasError) in
      try evaluator.value(of: node, on: constants.map(\.tensor))
    }
  }

  private func sizeLimit(of node: Node, _ constants: [ConstantOperation]) -> Int {
    switch node.operation.rule.folding {
    case .never: -1
    case .inPlaceOfInputs: constants.reduce(1024) { $0 + $1.tensor.byteCount }
    case .upTo(let byteCount): byteCount
    }
  }
}

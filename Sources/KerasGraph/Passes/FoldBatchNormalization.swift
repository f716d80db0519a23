/// Folds batch normalization with constant statistics into the convolution or matrix product before it.
///
/// `convolution(x, k) + b → batchNormalization(γ, β, μ, σ²)` becomes `convolution(x, k) · s + (b − μ)·s + β`
/// with `s = γ/√(σ²+ε)`. The kernel is left alone: backends multiply `s` in while packing it.
public struct FoldBatchNormalization: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      guard case .batchNormalization(let normalization) = node.operation,
        normalization.activation == nil, rewriter.isReadOnce(node.inputs[0]),
        var sum = FusedSum(rewriter.rewritten(node.inputs[0]), in: rewriter.result),
        sum.epilogue == Epilogue(hasBias: sum.epilogue.hasBias),
        let statistics = constants(node.inputs.dropFirst(), in: graph)
      else { return false }
      var folded = FoldedNormalization(operation: normalization, statistics: statistics)
      if let biasInput = sum.epilogue.biasInput {
        guard let bias = rewriter.result.constantOperation(sum.inputs[biasInput]) else { return false }
        folded.bias = bias
      }
      sum.epilogue.hasScale = true
      sum.epilogue.hasBias = true
      let scale = try rewriter.emit(.constant(folded.scale), [], name: node.name)
      let offset = try rewriter.emit(.constant(folded.offset), [], name: node.name)
      try rewriter.replace(index, by: sum.operation, Array(sum.inputs.prefix(2)) + [scale, offset])
      return true
    }
  }

  private func constants(_ values: ArraySlice<Value>, in graph: Graph) -> [ConstantOperation]? {
    let constants = values.compactMap(graph.constantOperation)
    guard constants.count == values.count, constants.allSatisfy({ $0.tensor.dataType == .float32 }) else {
      return nil
    }
    return constants
  }
}

/// What is left of a normalization: two vectors.
private struct FoldedNormalization {
  let operation: BatchNormalizationOperation
  /// γ, β, μ, σ².
  let statistics: [ConstantOperation]
  /// Added before it.
  var bias: ConstantOperation?

  /// s = γ/√(σ²+ε)
  var scale: ConstantOperation {
    ConstantOperation(computation(0, of: [statistics[0], statistics[3]])) { Tensor(factors.map(Float.init)) }
  }

  /// (b − μ)·s + β
  var offset: ConstantOperation {
    ConstantOperation(computation(1, of: statistics + (bias.map { [$0] } ?? []))) {
      let (factors, beta, mean) = (factors, numbers(1), numbers(2))
      let bias = bias?.tensor.scalars(as: Double.self)
      return Tensor(
        factors.indices.map { Float(((bias?[$0] ?? 0) - mean[$0]) * factors[$0] + beta[$0]) })
    }
  }

  private var factors: [Double] {
    let epsilon = Double(operation.epsilon)
    return zip(numbers(0), numbers(3)).map { $0 / ($1 + epsilon).squareRoot() }
  }

  private func numbers(_ position: Int) -> [Double] { statistics[position].tensor.scalars(as: Double.self) }

  private func computation(_ part: Int, of constants: [ConstantOperation]) -> ConstantComputation {
    ConstantComputation(
      by: FoldBatchNormalization.self, .batchNormalization(operation), on: constants.map(\.identity), part: part,
      shape: statistics[0].tensor.shape, .float32)
  }
}

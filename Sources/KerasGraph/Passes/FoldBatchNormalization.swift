/// Folds batch normalization with constant statistics into the convolution or matrix product before it.
///
/// `convolution(x, k) + b → batchNormalization(γ, β, μ, σ²)` becomes `convolution(x, k) · s + (b − μ)·s + β`
/// with `s = γ/√(σ²+ε)`. The kernel is left alone: backends multiply `s` in while packing it.
///
/// In mixed precision sums of 16 bits are converted to float32 before the normalization, and back behind it. That is
/// folded too: they are rounded once less.
public struct FoldBatchNormalization: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      guard let (normalization, value, inputs) = normalization(index, in: graph, rewriter),
        rewriter.isReadOnce(value), var sum = FusedSum(rewriter.rewritten(value), in: rewriter.result),
        sum.epilogue == Epilogue(hasBias: sum.epilogue.hasBias), let statistics = constants(inputs, in: graph)
      else { return false }
      var folded = FoldedNormalization(operation: normalization, statistics: statistics)
      if let biasInput = sum.epilogue.biasInput {
        guard let bias = constant(sum.inputs[biasInput], in: rewriter.result) else { return false }
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

  /// The normalization that ends with node `index`, what it normalizes, and its statistics.
  private func normalization(
    _ index: Int, in graph: Graph, _ rewriter: GraphRewriter
  ) -> (BatchNormalizationOperation, of: Value, ArraySlice<Value>)? {
    let node = graph.nodes[index]
    if case .batchNormalization(let operation) = node.operation, operation.activation == nil {
      return (operation, node.inputs[0], node.inputs.dropFirst())
    }
    guard case .cast(let narrowing) = node.operation, rewriter.isReadOnce(node.inputs[0]),
      let (operation, wide, statistics) = normalization(node.inputs[0].node, in: graph, rewriter),
      case .cast(let widening) = graph.operation(of: wide), widening.dataType == .float32,
      rewriter.isReadOnce(wide)
    else { return nil }
    let value = graph.nodes[wide.node].inputs[0]
    let type = graph.spec(of: value).dataType
    return type.isFloatingPoint && type == narrowing.dataType ? (operation, value, statistics) : nil
  }

  /// A constant, or what a conversion makes of one.
  private func constant(_ value: Value, in graph: Graph) -> ConstantOperation? {
    guard case .cast(let cast) = graph.operation(of: value) else { return graph.constantOperation(value) }
    guard let original = graph.constantOperation(graph.nodes[value.node].inputs[0]) else { return nil }
    let computation = ConstantComputation(
      by: FoldBatchNormalization.self, .cast(cast), on: [original.identity], shape: original.tensor.shape,
      cast.dataType)
    return ConstantOperation(computation) { original.tensor.converted(to: cast.dataType) }
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
      by: FoldBatchNormalization.self, .batchNormalization(operation), on: constants.map(\.identity),
      part: part,
      shape: statistics[0].tensor.shape, .float32)
  }
}

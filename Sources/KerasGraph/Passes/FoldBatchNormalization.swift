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
      var bias = [Double](repeating: 0, count: statistics[0].count)
      if let biasInput = sum.epilogue.biasInput {
        guard let tensor = rewriter.result.constant(sum.inputs[biasInput]) else { return false }
        bias = tensor.scalars(as: Double.self)
      }
      let (gamma, beta, mean, variance) = (statistics[0], statistics[1], statistics[2], statistics[3])
      let epsilon = Double(normalization.epsilon)
      let scale = zip(gamma, variance).map { $0 / ($1 + epsilon).squareRoot() }
      let offset = scale.indices.map { (bias[$0] - mean[$0]) * scale[$0] + beta[$0] }
      sum.epilogue.hasScale = true
      sum.epilogue.hasBias = true
      let name = node.name
      let scaleValue = try rewriter.emit(constant(scale), [], name: name)
      let offsetValue = try rewriter.emit(constant(offset), [], name: name)
      try rewriter.replace(index, by: sum.operation, Array(sum.inputs.prefix(2)) + [scaleValue, offsetValue])
      return true
    }
  }

  private func constants(_ values: ArraySlice<Value>, in graph: Graph) -> [[Double]]? {
    let tensors = values.compactMap(graph.constant)
    guard tensors.count == values.count, tensors.allSatisfy({ $0.dataType == .float32 }) else { return nil }
    return tensors.map { $0.scalars(as: Double.self) }
  }

  private func constant(_ numbers: [Double]) -> Operation {
    .constant(ConstantOperation(tensor: Tensor(numbers.map(Float.init))))
  }
}

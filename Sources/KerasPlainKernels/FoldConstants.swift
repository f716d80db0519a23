import KerasGraph

/// Computes what follows from constants alone, once and for all.
///
/// `k = constant (512, 8, 64); t = transpose(k)` becomes `t = constant (8, 512, 64)`. What is made of nothing (a
/// broadcast number, random numbers) stays, so that a program is not filled with it.
package struct FoldConstants: Pass {
  package init() {}

  package func apply(to graph: Graph) throws(KerasError) -> Graph {
    let context = KernelContext(multiplier: LoopMultiplier()) { (_) throws(KerasError) in
      throw KerasError(.unsupported, "A loop is not folded.")
    }
    return try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      let constants = node.inputs.compactMap { rewriter.result.constant(rewriter.rewritten($0)) }
      guard isWorthwhile(node), !constants.isEmpty, constants.count == node.inputs.count,
        let spec = node.outputs.first, let lengths = spec.shape.known,
        elementCountOf(lengths) * spec.dataType.byteCount <= sizeLimit(of: node, constants)
      else { return false }
      let result: Tensor
      if case .reshape = node.operation {
        result = try constants[0].reshaped(to: lengths)
      } else {
        result = try value(of: node, on: constants, spec, try makeKernel(for: node, in: graph, context))
      }
      try rewriter.replace(index, by: .constant(ConstantOperation(tensor: result)), [])
      return true
    }
  }

  /// What is made of constants takes about their place. A product of two thin matrices takes more, but as a rule is
  /// added to a constant of its size: the low-rank adaptation of a layer.
  private func sizeLimit(of node: Node, _ constants: [Tensor]) -> Int {
    if case .matrixMultiply = node.operation { return 1 << 26 }
    return constants.reduce(1024) { $0 + $1.byteCount }
  }

  /// Operations with one output that cost little, at least when they are done once.
  private func isWorthwhile(_ node: Node) -> Bool {
    switch node.operation {
    case .unary, .binary, .compare, .select, .cast, .reshape, .transpose, .slice, .concatenate, .pad,
      .reverse, .matrixMultiply,
      .reduction, .broadcast, .gather, .cumulative, .argumentReduction, .hash, .searchSorted:
      true
    case .input, .constant, .convolution, .pooling, .batchNormalization, .softmax,
      .scatterAdd, .sort,
      .random, .standardize, .transposedConvolution, .convolutionKernelGradient, .poolingGradient,
      .poolingSelection,
      .scan, .recurrent, .recurrentGradient:
      false
    }
  }

  private func value(
    of node: Node, on inputs: [Tensor], _ output: TensorSpec, _ kernel: any Kernel
  ) throws(KerasError) -> Tensor {
    let empty = UnsafeMutableRawPointer.allocate(byteCount: max(kernel.scratchByteCount, 64), alignment: 64)
    defer { empty.deallocate() }
    defer { withExtendedLifetime(inputs) {} }
    var addresses = inputs.map {
      $0.withUnsafeBytes { UnsafeMutableRawPointer(mutating: $0.baseAddress) } ?? empty
    }
    return try Tensor(uninitialized: output.lengths, output.dataType) { (bytes) throws(KerasError) in
      addresses.append(bytes.baseAddress ?? empty)
      try addresses.withUnsafeBufferPointer { (addresses) throws(KerasError) in
        guard let start = addresses.baseAddress else { return }
        try kernel.run(Operands(start, inputCount: inputs.count, outputCount: 1, scratch: empty))
      }
    }
  }
}

import KerasGraph

/// What kernels of this room need from the backend they serve.
package struct KernelContext: Sendable {
  package let multiplier: any MatrixMultiplier
  /// Prepares a graph (the body of a scan) as the backend prepares any other.
  package let prepare: @Sendable (Graph) throws(KerasError) -> any HostProgram
  /// Writes zeros to so many bytes.
  package let clear: @Sendable (UnsafeMutableRawPointer, Int) -> Void

  package init(
    multiplier: any MatrixMultiplier,
    clear: @escaping @Sendable (UnsafeMutableRawPointer, Int) -> Void = {
      $0.initializeMemory(as: UInt8.self, repeating: 0, count: $1)
    },
    prepare: @escaping @Sendable (Graph) throws(KerasError) -> any HostProgram
  ) {
    self.multiplier = multiplier
    self.clear = clear
    self.prepare = prepare
  }
}

/// The kernel of a node whose shapes are all known.
///
/// - Throws: what preparing the body of a scan throws; `unsupported` for sides too long for the multiplier.
package func makeKernel(
  for node: Node, inputs specs: [TensorSpec], _ context: KernelContext
) throws(KerasError) -> any Kernel {
  let inputs = specs.map(\.lengths)
  let output = node.outputs[0]
  let multiplier = context.multiplier
  switch node.operation {
  case .input, .constant, .reshape: preconditionFailure("\(node.operation.name) computes nothing")
  // These move elements of any type.
  case .transpose(let operation): return TransposeKernel(operation, of: inputs[0], output: output)
  case .slice(let operation): return SliceKernel(operation, of: inputs[0], output: output)
  case .concatenate(let operation): return ConcatenateKernel(operation, of: inputs, output: output)
  case .pad(let operation): return PadKernel(operation, of: inputs[0], output: output)
  case .broadcast: return BroadcastKernel(of: inputs[0], output: output)
  case .reverse(let operation): return ReverseKernel(operation, of: output)
  case .select: return SelectKernel(inputs, output: output)
  case .gather(let operation): return GatherKernel(operation, of: specs[0], at: inputs[1])
  case .cast: return CastKernel(from: specs[0], to: output)
  // These look at numbers of any type.
  case .binary(let operation): return BinaryKernel(operation, inputs[0], inputs[1], output: output)
  case .compare(let operation): return CompareKernel(operation, specs[0], specs[1], output: output.lengths)
  case .reduction(let operation): return ReductionKernel(operation, of: specs[0])
  case .scatterAdd(let operation): return ScatterAddKernel(operation, at: inputs[1], output: output, context)
  case .argumentReduction(let operation): return ArgumentReductionKernel(operation, of: specs[0])
  case .sort(let operation): return SortKernel(operation, of: specs[0])
  case .searchSorted(let operation): return SearchSortedKernel(operation, in: specs[0], for: inputs[1])
  case .hash(let operation): return HashKernel(operation, of: specs[0])
  case .cumulative(let operation): return CumulativeKernel(operation, of: specs[0])
  // These are of float32.
  case .random(let operation): return RandomKernel(operation, output: output.lengths)
  case .recurrent(let operation): return RecurrentKernel(operation, output: output.lengths, with: multiplier)
  case .recurrentGradient(let operation):
    return RecurrentGradientKernel(operation, sequence: inputs[1], with: multiplier)
  case .scan(let operation):
    return ScanKernel(operation, inputs: specs, program: try context.prepare(operation.body.graph))
  // These calculate with floating-point numbers.
  case .unary(let operation): return halvesConverted(UnaryKernel(operation, of: output), node, specs)
  case .softmax(let operation): return halvesConverted(SoftmaxKernel(operation, of: output), node, specs)
  case .standardize(let operation):
    return halvesConverted(StandardizeKernel(operation, of: output), node, specs)
  case .batchNormalization(let operation):
    return halvesConverted(BatchNormalizationKernel(operation, of: output), node, specs)
  case .pooling(let operation):
    return halvesConverted(PoolingKernel(operation, image: inputs[0], output: output), node, specs)
  case .poolingGradient(let operation):
    return halvesConverted(
      PoolingGradientKernel(operation, image: specs[0], upstream: inputs[1]), node, specs)
  case .poolingSelection(let operation):
    return halvesConverted(PoolingSelectionKernel(operation, image: inputs[0], output: output), node, specs)
  case .matrixMultiply(let operation):
    return halvesConverted(
      try MatrixMultiplyKernel(
        operation, first: inputs[0], second: inputs[1], output: output, with: multiplier),
      node, specs)
  case .convolution(let operation):
    return halvesConverted(
      try makeConvolutionKernel(
        operation, image: inputs[0], kernel: inputs[1], output: output, with: multiplier),
      node, specs)
  case .transposedConvolution(let operation):
    return halvesConverted(
      try makeTransposedConvolutionKernel(
        operation, positions: inputs[0], kernel: inputs[1], output: output, with: multiplier), node, specs)
  case .convolutionKernelGradient(let operation):
    return halvesConverted(
      try makeConvolutionKernelGradientKernel(
        operation, image: inputs[0], upstream: inputs[1], output: output, with: multiplier), node, specs)
  }
}

/// The kernel as it is, wrapped for 16-bit floats.
private func halvesConverted(_ kernel: any Kernel, _ node: Node, _ inputs: [TensorSpec]) -> any Kernel {
  guard (inputs + node.outputs).contains(where: { EdgeConversionKernel.isHalf($0.dataType) }) else {
    return kernel
  }
  return EdgeConversionKernel(kernel: kernel, inputs: inputs, outputs: node.outputs)
}

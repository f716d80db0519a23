import KerasGraph

/// How one node is computed.
protocol Kernel: Sendable {
  /// One line for people.
  var summary: String { get }
  /// Bytes a run of this kernel may use for itself.
  var scratchByteCount: Int { get }
  func run(_ operands: Operands)
}

extension Kernel {
  var scratchByteCount: Int { 0 }
}

/// The memory a kernel reads and writes: row-major, in the types and shapes of the node's specs.
struct Operands {
  let inputs: [UnsafeRawPointer]
  let output: UnsafeMutableRawPointer
  let scratch: UnsafeMutableRawPointer

  func input(_ position: Int) -> UnsafePointer<Float> { inputs[position].assumingMemoryBound(to: Float.self) }
  var result: UnsafeMutablePointer<Float> { output.assumingMemoryBound(to: Float.self) }
}

/// Picks the kernel of a node whose shapes are all known.
///
/// - Throws: `unsupported` for element types that are not calculated with.
func makeKernel(for node: Node, in graph: Graph) throws(KerasError) -> any Kernel {
  let inputs = node.inputs.map { graph.shape(of: $0).compactMap { $0 } }
  let output = node.outputs[0].shape.compactMap { $0 }
  let kernel: any Kernel
  switch node.operation {
  case .input, .constant, .reshape: preconditionFailure("\(node.operation.name) computes nothing")
  // These move elements of any type.
  case .transpose(let operation):
    return TransposeKernel(operation, of: inputs[0], output: node.outputs[0])
  case .slice(let operation): return SliceKernel(operation, of: inputs[0], output: node.outputs[0])
  case .concatenate(let operation): return ConcatenateKernel(operation, of: inputs, output: node.outputs[0])
  case .pad(let operation): return PadKernel(operation, of: inputs[0], output: node.outputs[0])
  case .cast: return CastKernel(from: graph.spec(of: node.inputs[0]), to: node.outputs[0])
  // These calculate.
  case .convolution(let operation):
    kernel = try makeConvolutionKernel(operation, image: inputs[0], kernel: inputs[1], output: output)
  case .matrixMultiply(let operation):
    kernel = try MatrixMultiplyKernel(operation, first: inputs[0], second: inputs[1], output: output)
  case .pooling(let operation): kernel = PoolingKernel(operation, image: inputs[0], output: output)
  case .reduction(let operation): kernel = ReductionKernel(operation, of: inputs[0])
  case .unary(let operation): kernel = UnaryKernel(operation, count: elementCountOf(output))
  case .binary(let operation): kernel = BinaryKernel(operation, inputs[0], inputs[1], output: output)
  case .batchNormalization(let operation): kernel = BatchNormalizationKernel(operation, of: inputs[0])
  case .softmax(let operation): kernel = SoftmaxKernel(operation, of: inputs[0])
  }
  return try convertingAtTheEdges(kernel, of: node, in: graph)
}

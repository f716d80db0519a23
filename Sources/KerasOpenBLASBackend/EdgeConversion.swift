import KerasGraph

/// A kernel for float32 that serves a node of 16-bit floats: operands are converted on the way in and out.
struct EdgeConversionKernel: Kernel {
  let kernel: any Kernel
  let inputs: [TensorSpec]
  let output: TensorSpec

  var summary: String { "\(kernel.summary), converted from and to \(output.dataType)" }
  var scratchByteCount: Int { kernel.scratchByteCount }

  func run(_ operands: Operands) {
    let widened = zip(operands.inputs, inputs).map { converted($0, spec: $1, to: .float32) }
    let narrow = Tensor(uninitialized: output.shape.compactMap { $0 }, .float32) { bytes in
      guard let result = bytes.baseAddress else { return }
      kernel.run(
        Operands(
          inputs: widened.map { $0.withUnsafeBytes { $0.baseAddress } ?? UnsafeRawPointer(result) },
          output: result, scratch: operands.scratch))
    }.converted(to: output.dataType)
    withExtendedLifetime(widened) {}
    narrow.withUnsafeBytes { operands.output.copyMemory(from: $0) }
  }
}

/// The kernel as it is for float32, wrapped for 16-bit floats.
///
/// - Throws: `unsupported` for other types: float32 would lose what float64 and integers hold.
func convertingAtTheEdges(
  _ kernel: any Kernel, of node: Node, in graph: Graph
) throws(KerasError) -> any Kernel {
  let inputs = node.inputs.map(graph.spec(of:))
  let types = Set(inputs.map(\.dataType) + [node.outputs[0].dataType])
  if types == [.float32] { return kernel }
  guard types.isSubset(of: [.float32, .float16, .bfloat16]) else {
    let wide = inputs.first { ![.float32, .float16, .bfloat16].contains($0.dataType) } ?? node.outputs[0]
    throw KerasError(
      .unsupported, "The openblas backend does not compute \(node.operation.name) of \(wide).",
      remedy: "cast to float32 first.")
  }
  return EdgeConversionKernel(kernel: kernel, inputs: inputs, output: node.outputs[0])
}

/// The tensor at an address, converted by the rules of ``Tensor/converted(to:)``.
func converted(_ source: UnsafeRawPointer, spec: TensorSpec, to dataType: DataType) -> Tensor {
  let shape = spec.shape.compactMap { $0 }
  let bytes = UnsafeRawBufferPointer(start: source, count: elementCountOf(shape) * spec.dataType.byteCount)
  let copy = Tensor(uninitialized: shape, spec.dataType) { $0.copyMemory(from: bytes) }
  return copy.converted(to: dataType)
}

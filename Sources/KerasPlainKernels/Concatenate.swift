import KerasGraph

/// Writes each input where the one before it ends.
struct ConcatenateKernel: Kernel {
  private let copies: [StridedCopy]
  let summary: String

  init(_ operation: ConcatenateOperation, of inputs: [[Int]], output: TensorSpec) {
    let strides = rowMajorStrides(output.lengths)
    var start = 0
    copies = inputs.map { lengths in
      defer { start += lengths[operation.axis] * strides[operation.axis] }
      return StridedCopy(
        lengths, from: (rowMajorStrides(lengths), 0), to: (strides, start), output.dataType)
    }
    summary = "concatenate \(inputs.count) tensors"
  }

  func run(_ operands: Operands) {
    for (copy, input) in zip(copies, operands.inputs) { copy.run(from: input, to: operands.outputs[0]) }
  }
}

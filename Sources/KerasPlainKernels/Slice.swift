import KerasGraph

/// Reads the input with longer strides, from a later start.
struct SliceKernel: Kernel {
  private let copy: StridedCopy
  let summary: String

  init(_ operation: SliceOperation, of input: [Int], output: TensorSpec) {
    let lengths = output.lengths
    let strides = rowMajorStrides(input)
    let start = zip(operation.starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
    copy = StridedCopy(
      lengths, from: (zip(strides, operation.strides).map { $0 * $1 }, start),
      to: (rowMajorStrides(lengths), 0), output.dataType)
    summary = "slice \(operation.settings)"
  }

  func run(_ operands: Operands) { copy.run(from: operands.inputs[0], to: operands.outputs[0]) }
}

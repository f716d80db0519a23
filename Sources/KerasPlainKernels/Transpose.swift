import KerasGraph

/// Reads the input's axes in another order.
struct TransposeKernel: Kernel {
  private let copy: StridedCopy
  let summary: String

  init(_ operation: TransposeOperation, of input: [Int], output: TensorSpec) {
    let lengths = operation.permutation.map { input[$0] }
    let strides = rowMajorStrides(input)
    copy = StridedCopy(
      lengths, from: (operation.permutation.map { strides[$0] }, 0), to: (rowMajorStrides(lengths), 0),
      output.dataType)
    summary = "transpose \(operation.permutation)"
  }

  func run(_ operands: Operands) { copy.run(from: operands.inputs[0], to: operands.outputs[0]) }
}

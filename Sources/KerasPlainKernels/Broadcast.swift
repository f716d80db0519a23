import KerasGraph

/// Reads the input with stride 0 along the axes that repeat.
struct BroadcastKernel: Kernel {
  private let copy: StridedCopy
  let summary: String

  init(of input: [Int], output: TensorSpec) {
    let lengths = output.lengths
    copy = StridedCopy(
      lengths, from: (broadcastStrides(input, to: lengths), 0), to: (rowMajorStrides(lengths), 0),
      output.dataType)
    summary = "broadcast \(input) to \(lengths)"
  }

  func run(_ operands: Operands) { copy.run(from: operands.inputs[0], to: operands.outputs[0]) }
}

import KerasGraph

/// Starts at the end of the reversed axes and walks back.
struct ReverseKernel: Kernel {
  private let copy: StridedCopy
  let summary: String

  init(_ operation: ReverseOperation, of spec: TensorSpec) {
    let lengths = spec.lengths
    let strides = rowMajorStrides(lengths)
    let start = operation.axes.reduce(0) { $0 + max(lengths[$1] - 1, 0) * strides[$1] }
    let walk = strides.indices.map { operation.axes.contains($0) ? -strides[$0] : strides[$0] }
    copy = StridedCopy(lengths, from: (walk, start), to: (strides, 0), spec.dataType)
    summary = "reverse \(operation.settings)"
  }

  func run(_ operands: Operands) { copy.run(from: operands.inputs[0], to: operands.outputs[0]) }
}

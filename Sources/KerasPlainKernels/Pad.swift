import KerasGraph

/// Fills the output with the padding's value, then writes the input into its middle.
struct PadKernel: Kernel {
  private let copy: StridedCopy
  /// One element, as it is stored.
  private let value: Tensor
  private let count: Int
  let summary: String

  init(_ operation: PadOperation, of input: [Int], output: TensorSpec) {
    let lengths = output.lengths
    let strides = rowMajorStrides(lengths)
    let start = zip(operation.padding, strides).reduce(0) { $0 + $1.0.before * $1.1 }
    copy = StridedCopy(input, from: (rowMajorStrides(input), 0), to: (strides, start), output.dataType)
    value = Tensor(scalar: operation.value).converted(to: output.dataType)
    count = elementCountOf(lengths)
    summary = "pad \(operation.settings)"
  }

  func run(_ operands: Operands) {
    value.withUnsafeBytes { element in
      for i in 0..<count { (operands.outputs[0] + i * element.count).copyMemory(from: element) }
    }
    copy.run(from: operands.inputs[0], to: operands.outputs[0])
  }
}

extension UnsafeMutableRawPointer {
  func copyMemory(from bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    copyMemory(from: source, byteCount: bytes.count)
  }
}

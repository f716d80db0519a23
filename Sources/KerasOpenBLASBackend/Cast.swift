import KerasGraph

/// Converts every element by the rules of ``Tensor/converted(to:)``.
struct CastKernel: Kernel {
  let input: TensorSpec
  let output: TensorSpec

  init(from input: TensorSpec, to output: TensorSpec) {
    self.input = input
    self.output = output
  }

  var summary: String { "cast \(input.dataType) to \(output.dataType)" }

  func run(_ operands: Operands) {
    converted(operands.inputs[0], spec: input, to: output.dataType)
      .withUnsafeBytes { operands.output.copyMemory(from: $0) }
  }
}

import KerasGraph

/// A kernel for float32 that serves a node of 16-bit floats: operands are converted on the way in and out.
struct EdgeConversionKernel: Kernel {
  let kernel: any Kernel
  let inputs: [TensorSpec]
  let outputs: [TensorSpec]

  var summary: String { "\(kernel.summary), converted from and to \(outputs[0].dataType)" }

  var scratchByteCount: Int {
    (inputs + outputs).reduce(kernelScratch) { $0 + Self.widened($1) }
  }

  private var kernelScratch: Int { (kernel.scratchByteCount + 63) / 64 * 64 }

  /// The bytes of a 16-bit tensor in float32, filled up to whole cache lines; 0 for other types.
  private static func widened(_ spec: TensorSpec) -> Int {
    isHalf(spec.dataType) ? (elementCountOf(spec.lengths) * 4 + 63) / 64 * 64 : 0
  }

  static func isHalf(_ type: DataType) -> Bool { type == .float16 || type == .bfloat16 }

  func run(_ operands: Operands) throws(KerasError) {
    var next = operands.scratch + kernelScratch
    var addresses: [UnsafeMutableRawPointer] = []
    for (spec, address) in zip(inputs + outputs, Array(operands.inputs) + Array(operands.outputs)) {
      addresses.append(Self.isHalf(spec.dataType) ? next : address)
      next += Self.widened(spec)
    }
    for (position, spec) in inputs.enumerated() where Self.isHalf(spec.dataType) {
      convert(
        operands.inputs[position], spec.dataType, to: addresses[position], .float32,
        count: elementCountOf(spec.lengths))
    }
    try addresses.withUnsafeBufferPointer { (addresses) throws(KerasError) in
      guard let start = addresses.baseAddress else { return }
      try kernel.run(
        Operands(start, inputCount: inputs.count, outputCount: outputs.count, scratch: operands.scratch))
    }
    for (position, spec) in outputs.enumerated() where Self.isHalf(spec.dataType) {
      convert(
        addresses[inputs.count + position], .float32, to: operands.outputs[position], spec.dataType,
        count: elementCountOf(spec.lengths))
    }
  }
}

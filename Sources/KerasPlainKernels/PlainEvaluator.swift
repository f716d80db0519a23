import KerasGraph

/// Computes nodes one by one with the kernels of this room: what follows from constants, for both backends.
package struct PlainEvaluator: ConstantEvaluator {
  package init() {}

  package func value(of node: Node, on inputs: [Tensor]) throws(KerasError) -> Tensor {
    let context = KernelContext(multiplier: LoopMultiplier()) { (_) throws(KerasError) in
      throw KerasError(.unsupported, "A loop is not folded.")
    }
    let kernel = try makeKernel(for: node, inputs: inputs.map(\.spec), context)
    let empty = UnsafeMutableRawPointer.allocate(byteCount: max(kernel.scratchByteCount, 64), alignment: 64)
    defer { empty.deallocate() }
    defer { withExtendedLifetime(inputs) {} }
    var addresses = inputs.map {
      $0.withUnsafeBytes { UnsafeMutableRawPointer(mutating: $0.baseAddress) } ?? empty
    }
    let output = node.outputs[0]
    return try Tensor(uninitialized: output.lengths, output.dataType) { (bytes) throws(KerasError) in
      addresses.append(bytes.baseAddress ?? empty)
      try addresses.withUnsafeBufferPointer { (addresses) throws(KerasError) in
        guard let start = addresses.baseAddress else { return }
        try kernel.run(Operands(start, inputCount: inputs.count, outputCount: 1, scratch: empty))
      }
    }
  }
}

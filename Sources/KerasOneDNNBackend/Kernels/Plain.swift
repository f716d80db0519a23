import KerasGraph
import KerasKernels
import KerasPlainKernels

extension GraphCompiler {
  /// Leaves the node to the kernel that both backends share, on tensors of the types that the graph says.
  mutating func compilePlainly() throws(KerasError) {
    stopConverting()
    let (options, threads) = (options, threads)
    let context = KernelContext(
      multiplier: LoopMultiplier(),
      clear: { memory, byteCount in
        withUnsafeBytes(of: UInt8(0)) { kk_fill(memory, $0.baseAddress, 1, byteCount) }
      },
      prepare: { (body) throws(KerasError) in
        try OneDNNProgram(body: body, options: options, threads: threads)
      })
    let kernel = try makeKernel(for: node, inputs: node.inputs.map(graph.spec(of:)), context)
    var places: [Place] = []
    for (position, value) in node.inputs.enumerated() {
      places.append(try operand(position, as: graph.spec(of: value).dataType).place)
    }
    var conversions: [(Tensor, Tensor)] = []
    for (position, spec) in node.outputs.enumerated() {
      let stored = tensor(Value(node: nodeIndex, output: position))
      if stored.type == spec.dataType {
        places.append(stored.place)
      } else {
        let bytes = stored.elementCount * spec.dataType.byteCount
        let computed = Tensor(place: scratch(bytes), lengths: stored.lengths, type: spec.dataType)
        places.append(computed.place)
        conversions.append((computed, stored))
      }
    }
    let (inputCount, outputCount) = (node.inputs.count, node.outputs.count)
    add(kernel.summary, places: places + [scratch(kernel.scratchByteCount)]) {
      (addresses) throws(KerasError) in
      try kernel.run(
        Operands(
          addresses, inputCount: inputCount, outputCount: outputCount,
          scratch: addresses[inputCount + outputCount]))
    }
    for (computed, stored) in conversions { addConversion(from: computed, to: stored) }
  }
}

extension OneDNNProgram {
  /// A scan's body, prepared for the threads of the program around it.
  fileprivate convenience init(body: Graph, options: ProgramOptions, threads: Int) throws(KerasError) {
    var compiler = try GraphCompiler(body, options: options, threads: threads)
    self.init(try compiler.compile(), of: body, threads: threads)
  }
}

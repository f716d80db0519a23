import Glibc
import KerasGraph
import KerasPlainKernels

/// A graph with a kernel for each node and a place in memory for each value.
final class OpenBLASProgram: Program {
  private let graph: Graph
  private let steps: [Step]
  private let outputs: [Place]
  private let arenas: ArenaPool

  /// A node's kernel and where its operands are.
  private struct Step {
    let kernel: any Kernel
    let inputs: [Place]
    let outputs: [Place]
    let node: String
    let description: String
  }

  /// Where a value's bytes are during a run.
  private enum Place {
    /// In the tensor that the caller passed at this position.
    case input(Int)
    /// In a tensor of the graph, which the program keeps alive.
    case constant(Tensor)
    /// So many bytes into the run's arena.
    case arena(Int)
  }

  init(_ graph: Graph) throws(KerasError) {
    let byteCounts = try Self.byteCounts(of: graph)
    let plan = MemoryPlan(
      for: graph, byteCount: { byteCounts[$0.node][$0.output] },
      // A residual is still needed when the matrix product has written its sums.
      canOverwrite: { node, _ in
        switch graph.nodes[node].operation {
        case .convolution, .matrixMultiply: false
        default: true
        }
      })
    let context = KernelContext(multiplier: BLASMultiplier()) { (body) throws(KerasError) in
      try OpenBLASProgram(FoldConstants().apply(to: body))
    }
    var places: [Value: Place] = [:]
    func place(of value: Value) -> Place { places[value] ?? .arena(0) }
    var steps: [Step] = []
    var scratchByteCount = 0
    for (index, node) in graph.nodes.enumerated() {
      let value = Value(node: index)
      switch node.operation {
      case .input: places[value] = .input(graph.inputs.firstIndex(of: value) ?? 0)
      case .constant(let constant): places[value] = .constant(constant.tensor)
      case .reshape: places[value] = place(of: node.inputs[0])
      default:
        let values = node.outputs.indices.map { Value(node: index, output: $0) }
        for value in values { places[value] = .arena(plan.offsets[value] ?? 0) }
        let name = node.name.isEmpty ? "node \(index)" : node.name
        let kernel = try within(name) { () throws(KerasError) in try makeKernel(for: node, in: graph, context)
        }
        scratchByteCount = max(scratchByteCount, kernel.scratchByteCount)
        steps.append(
          Step(
            kernel: kernel, inputs: node.inputs.map(place), outputs: values.map(place), node: name,
            description: "%\(index) \(node.name): \(kernel.summary)"))
      }
    }
    let (byteCount, overflow) = plan.byteCount.addingReportingOverflow(scratchByteCount)
    let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    guard !overflow, byteCount <= memory else {
      throw KerasError(
        .unsupported, "One run would need \(byteCount >> 20) MB of memory; this machine has \(memory >> 20).",
        remedy: "use a smaller batch or smaller images.")
    }
    self.graph = graph
    self.steps = steps
    outputs = graph.outputs.map(place)
    arenas = ArenaPool(byteCount: byteCount, scratchOffset: plan.byteCount)
  }

  var plan: [String] { steps.map(\.description) }

  func run(_ inputs: [Tensor]) throws(KerasError) -> [Tensor] {
    try checkInputs(inputs, for: graph)
    defer { withExtendedLifetime(inputs) {} }
    let sources = inputs.map { $0.withUnsafeBytes { UnsafeMutableRawPointer(mutating: $0.baseAddress) } }
    return try arenas.withArena { (arena) throws(KerasError) in
      let sources = sources.map { $0 ?? arena.start }
      try run(sources, arena)
      return zip(graph.outputs, outputs).map { value, place in
        let spec = graph.spec(of: value)
        return Tensor(uninitialized: spec.shape.known ?? [], spec.dataType) { bytes in
          bytes.copyMemory(
            from: UnsafeRawBufferPointer(start: address(of: place, sources, arena), count: bytes.count))
        }
      }
    }
  }

  private func run(_ inputs: [UnsafeMutableRawPointer], _ arena: Arena) throws(KerasError) {
    for step in steps {
      let addresses = (step.inputs + step.outputs).map { address(of: $0, inputs, arena) }
      try within(step.node) { () throws(KerasError) in
        try addresses.withUnsafeBufferPointer { (addresses) throws(KerasError) in
          guard let start = addresses.baseAddress else { return }
          try step.kernel.run(
            Operands(
              start, inputCount: step.inputs.count, outputCount: step.outputs.count, scratch: arena.scratch))
        }
      }
    }
  }

  /// The address stays good for the run: the caller keeps the inputs alive, the program the constants. Only
  /// places in the arena are ever written.
  private func address(
    of place: Place, _ inputs: [UnsafeMutableRawPointer], _ arena: Arena
  ) -> UnsafeMutableRawPointer {
    switch place {
    case .input(let position): inputs[position]
    case .constant(let tensor):
      tensor.withUnsafeBytes { UnsafeMutableRawPointer(mutating: $0.baseAddress) } ?? arena.start
    case .arena(let offset): arena.start + offset
    }
  }

  /// The size of each node's outputs.
  private static func byteCounts(of graph: Graph) throws(KerasError) -> [[Int]] {
    var byteCounts: [[Int]] = []
    for (index, node) in graph.nodes.enumerated() {
      byteCounts.append(
        try within(node.name.isEmpty ? "node \(index)" : node.name) { () throws(KerasError) in
          try node.outputs.map(byteCount)
        })
    }
    return byteCounts
  }

  private static func byteCount(of spec: TensorSpec) throws(KerasError) -> Int {
    guard let lengths = spec.shape.known else {
      throw KerasError(.invalidArgument, "A program needs every length; \(spec) has an unknown one.")
    }
    // A quarter of the address space each leaves room to add them up.
    guard let byteCount = checkedElementCount(lengths + [spec.dataType.byteCount]), byteCount < 1 << 46 else {
      throw KerasError(.unsupported, "\(spec) is larger than any memory.")
    }
    return byteCount
  }
}

extension OpenBLASProgram: MemoryProgram {
  func run(
    from inputs: [UnsafeMutableRawPointer], to outputs: [UnsafeMutableRawPointer]
  ) throws(KerasError) {
    try arenas.withArena { (arena) throws(KerasError) in
      try run(inputs, arena)
      for ((value, place), target) in zip(zip(graph.outputs, self.outputs), outputs) {
        let spec = graph.spec(of: value)
        let count = elementCountOf(spec.shape.known ?? []) * spec.dataType.byteCount
        target.copyMemory(from: address(of: place, inputs, arena), byteCount: count)
      }
    }
  }
}

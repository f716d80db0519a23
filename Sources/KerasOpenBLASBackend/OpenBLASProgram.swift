import Glibc
import KerasGraph
import KerasPlainKernels

/// A graph with a kernel for each node and a place in memory for each value.
final class OpenBLASProgram: HostProgram {
  let interface: ProgramInterface
  private let kernels: [Step]
  /// Where the outputs are, and those updates of states that have to be copied to where they belong.
  private let outputs: [Place]
  private let copiedUpdates: [(state: Int, place: Place)]
  /// The first step that overwrites a state.
  private let firstOverwriting: Int
  private let arenas: ArenaPool
  /// What one run takes.
  let runByteCount: Int

  /// A node's kernel and where its operands are.
  private struct Step {
    let kernel: any Kernel
    let inputs: [Place]
    let outputs: [Place]
    let node: String
    let description: String
    /// As a profile lists it.
    let listed: ProgramStep
  }

  /// Where a value's bytes are during a run.
  private enum Place {
    /// In the tensor that the caller passed at this position.
    case input(Int)
    /// Where the caller wants the new value of state number i.
    case update(Int)
    /// In a tensor of the graph, which the program keeps alive.
    case constant(Tensor)
    /// So many bytes into the run's arena.
    case arena(Int)
  }

  /// - Parameter threads: of matrix products; nil for one a core.
  init(_ graph: Graph, threads: Int? = nil) throws(KerasError) {
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
    let context = KernelContext(multiplier: BLASMultiplier(threads: threads)) { (body) throws(KerasError) in
      try OpenBLASProgram(body, threads: threads)
    }
    var places: [Value: Place] = [:]
    func place(of value: Value) -> Place { places[value] ?? .arena(0) }
    var steps: [Step] = []
    var scratchByteCount = 0
    var firstOverwriting = Int.max
    for (index, node) in graph.nodes.enumerated() {
      let value = Value(node: index)
      switch node.operation {
      case .input: places[value] = .input(graph.inputs.firstIndex(of: value) ?? 0)
      case .constant(let constant): places[value] = .constant(constant.tensor)
      case .reshape: places[value] = place(of: node.inputs[0])
      default:
        let values = node.outputs.indices.map { Value(node: index, output: $0) }
        for value in values {
          places[value] = plan.updatedState[value].map { .update($0) } ?? .arena(plan.offsets[value] ?? 0)
        }
        if index == plan.firstOverwritingNode { firstOverwriting = steps.count }
        let name = node.name.isEmpty ? "node \(index)" : node.name
        let kernel = try within(name) { () throws(KerasError) in
          try makeKernel(for: node, inputs: node.inputs.map(graph.spec(of:)), context)
        }
        scratchByteCount = max(scratchByteCount, kernel.scratchByteCount)
        let inputBytes = node.inputs.reduce(0) { $0 + byteCounts[$1.node][$1.output] }
        let listed = ProgramStep(
          layer: name, operation: graph.kind(of: node), kernel: kernel.summary,
          inputs: node.inputs.map(graph.spec(of:)), outputs: node.outputs,
          multiplyAdds: graph.multiplyAdds(of: node) ?? 0,
          byteCount: byteCounts[index].reduce(inputBytes, +))
        steps.append(
          Step(
            kernel: kernel, inputs: node.inputs.map(place), outputs: values.map(place), node: name,
            description: "%\(index) \(node.name): \(kernel.summary)", listed: listed))
      }
    }
    let (byteCount, overflow) = plan.byteCount.addingReportingOverflow(scratchByteCount)
    let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    guard !overflow, byteCount <= memory else {
      throw KerasError(
        .unsupported, "One run would need \(byteCount >> 20) MB of memory; this machine has \(memory >> 20).",
        remedy: "use a smaller batch or smaller images.")
    }
    interface = ProgramInterface(of: graph, stateUpdates: plan.stateUpdates)
    kernels = steps
    self.firstOverwriting = firstOverwriting
    outputs = graph.outputs.dropLast(graph.stateCount).map(place)
    copiedUpdates = graph.states.enumerated().compactMap { state, values in
      if case .copied = plan.stateUpdates[state] { (state, place(of: values.update)) } else { nil }
    }
    arenas = ArenaPool(byteCount: byteCount, scratchOffset: plan.byteCount)
    runByteCount = byteCount
  }

  var plan: [String] { kernels.map(\.description) }
  var steps: [ProgramStep] { kernels.map(\.listed) }

  var heldConstants: [HeldConstant] {
    (kernels.flatMap(\.inputs) + outputs).compactMap { place in
      guard case .constant(let tensor) = place else { return nil }
      return HeldConstant(
        owner: tensor.storage, address: tensor.withUnsafeBytes { $0.baseAddress }, byteCount: tensor.byteCount
      )
    }
  }

  func run(_ memory: RunMemory, timer: StepTimer?, overwriting: () -> Void) throws(KerasError) {
    var laps = timer?.start()
    try arenas.withArena { (arena) throws(KerasError) in
      for (index, step) in kernels.enumerated() {
        if index == firstOverwriting { overwriting() }
        let addresses = (step.inputs + step.outputs).map { address(of: $0, memory, arena) }
        try within(step.node) { () throws(KerasError) in
          try addresses.withUnsafeBufferPointer { (addresses) throws(KerasError) in
            guard let start = addresses.baseAddress else { return }
            try step.kernel.run(
              Operands(
                start, inputCount: step.inputs.count, outputCount: step.outputs.count, scratch: arena.scratch)
            )
          }
        }
        laps?.finishStep()
      }
      for (index, target) in memory.outputs.enumerated() {
        let bytes = interface.outputs[index].byteCount
        target.copyMemory(from: address(of: outputs[index], memory, arena), byteCount: bytes)
      }
      for (state, place) in copiedUpdates {
        let bytes = interface.states[state].byteCount
        memory.updates[state].copyMemory(from: address(of: place, memory, arena), byteCount: bytes)
      }
    }
    if let laps { timer?.add(laps) }
  }

  /// The address stays good for the run: the caller keeps the inputs alive, the program the constants. Only
  /// places in the arena and of updates are ever written.
  private func address(of place: Place, _ memory: RunMemory, _ arena: Arena) -> UnsafeMutableRawPointer {
    switch place {
    case .input(let position): memory.inputs[position]
    case .update(let state): memory.updates[state]
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

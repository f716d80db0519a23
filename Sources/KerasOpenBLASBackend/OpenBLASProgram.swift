import Glibc
import KerasGraph

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
    let output: Place
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
      for: graph, byteCount: { byteCounts[$0.node] },
      // A residual is still needed when the matrix product has written its sums.
      canOverwrite: { node, _ in
        switch graph.nodes[node].operation {
        case .convolution, .matrixMultiply: false
        default: true
        }
      })
    var places: [Place] = []
    var steps: [Step] = []
    var scratchByteCount = 0
    for (index, node) in graph.nodes.enumerated() {
      let value = Value(node: index)
      switch node.operation {
      case .input: places.append(.input(graph.inputs.firstIndex(of: value) ?? 0))
      case .constant(let constant): places.append(.constant(constant.tensor))
      case .reshape: places.append(places[node.inputs[0].node])
      default:
        places.append(.arena(plan.offsets[value] ?? 0))
        let kernel = try within(node.name.isEmpty ? "node \(index)" : node.name) { () throws(KerasError) in
          try makeKernel(for: node, in: graph)
        }
        scratchByteCount = max(scratchByteCount, kernel.scratchByteCount)
        steps.append(
          Step(
            kernel: kernel, inputs: node.inputs.map { places[$0.node] }, output: places[index],
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
    outputs = graph.outputs.map { places[$0.node] }
    arenas = ArenaPool(byteCount: byteCount, scratchOffset: plan.byteCount)
  }

  var plan: [String] { steps.map(\.description) }

  func run(_ inputs: [Tensor]) throws(KerasError) -> [Tensor] {
    try checkInputs(inputs, for: graph)
    return arenas.withArena { arena in
      for step in steps {
        let operands = Operands(
          inputs: step.inputs.map { address(of: $0, inputs, arena) },
          output: UnsafeMutableRawPointer(mutating: address(of: step.output, inputs, arena)),
          scratch: arena.scratch)
        step.kernel.run(operands)
      }
      return zip(graph.outputs, outputs).map { value, place in result(value, at: place, inputs, arena) }
    }
  }

  /// The address stays good for the run: the caller keeps the inputs alive, the program the constants.
  private func address(of place: Place, _ inputs: [Tensor], _ arena: Arena) -> UnsafeRawPointer {
    switch place {
    case .input(let position): inputs[position].withUnsafeBytes { $0.baseAddress } ?? arena.empty
    case .constant(let tensor): tensor.withUnsafeBytes { $0.baseAddress } ?? arena.empty
    case .arena(let offset): UnsafeRawPointer(arena.start + offset)
    }
  }

  private func result(_ value: Value, at place: Place, _ inputs: [Tensor], _ arena: Arena) -> Tensor {
    let spec = graph.spec(of: value)
    return Tensor(uninitialized: spec.shape.known ?? [], spec.dataType) { bytes in
      let source = UnsafeRawBufferPointer(start: address(of: place, inputs, arena), count: bytes.count)
      bytes.copyMemory(from: source)
    }
  }

  /// The size of each node's output.
  private static func byteCounts(of graph: Graph) throws(KerasError) -> [Int] {
    var byteCounts: [Int] = []
    for (index, node) in graph.nodes.enumerated() {
      guard let lengths = node.outputs[0].shape.known else {
        throw KerasError(
          .invalidArgument, "A program needs every length; \(node.outputs[0]) has an unknown one.",
          path: [node.name.isEmpty ? "node \(index)" : node.name])
      }
      // A quarter of the address space each leaves room to add them up.
      guard let byteCount = checkedElementCount(lengths + [node.outputs[0].dataType.byteCount]),
        byteCount < 1 << 46
      else {
        throw KerasError(
          .unsupported, "\(node.outputs[0]) is larger than any memory.",
          path: [node.name.isEmpty ? "node \(index)" : node.name])
      }
      byteCounts.append(byteCount)
    }
    return byteCounts
  }
}

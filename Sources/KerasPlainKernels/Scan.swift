import KerasGraph

/// Runs a program once for each step. Elements of the sequences and of the outputs are read and written where they
/// stand; states go to and fro between two places, or along their kept sequence.
struct ScanKernel: Kernel {
  private let operation: ScanOperation
  private let program: any HostProgram
  private let steps: Int
  /// Bytes of each state, of an element of each sequence, and of each output of a step.
  private let states, elements, outputs: [Int]

  /// - Parameter program: computes the body.
  init(_ operation: ScanOperation, inputs: [TensorSpec], program: any HostProgram) {
    self.operation = operation
    self.program = program
    let sequences = inputs[operation.stateCount..<operation.stateCount + operation.sequenceCount]
    steps = sequences.first?.lengths[0] ?? 0
    let body = operation.body.graph
    func bytes(_ spec: TensorSpec) -> Int { elementCountOf(spec.lengths) * spec.dataType.byteCount }
    states = inputs.prefix(operation.stateCount).map(bytes)
    elements = sequences.map { elementCountOf(Array($0.lengths.dropFirst())) * $0.dataType.byteCount }
    outputs = body.outputs.dropFirst(operation.stateCount).map { bytes(body.spec(of: $0)) }
  }

  var summary: String { "\(steps) steps of \(operation.settings)" }
  var scratchByteCount: Int { operation.keepsStates ? 0 : 2 * states.reduce(0) { $0 + Self.aligned($1) } }

  private static func aligned(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }

  func run(_ operands: Operands) throws(KerasError) {
    let stateCount = operation.stateCount
    let shared = operands.inputs.dropFirst(stateCount + elements.count)
    for number in 0..<steps {
      let step = operation.isReversed ? steps - 1 - number : number
      var sources = states.indices.map { place(ofState: $0, before: number, operands) }
      for (index, bytes) in elements.enumerated() {
        sources.append(operands.inputs[stateCount + index] + step * bytes)
      }
      var targets = states.indices.map { place(ofState: $0, before: number + 1, operands) }
      for (index, bytes) in outputs.enumerated() {
        targets.append(operands.outputs[stateCount + index] + step * bytes)
      }
      if operation.keepsStates, number == 0 { keepInitialStates(operands, sources) }
      try program.run(RunMemory(inputs: sources + shared, outputs: targets), timer: nil, overwriting: {})
    }
    if steps == 0 {
      for (index, bytes) in states.enumerated() {
        operands.outputs[index].copyMemory(from: operands.inputs[index], byteCount: bytes)
      }
    }
  }

  /// Where a state stands after `number` steps.
  private func place(ofState index: Int, before number: Int, _ operands: Operands) -> UnsafeMutableRawPointer
  {
    if number == steps { return operands.outputs[index] }
    if number == 0 { return operands.inputs[index] }
    if operation.keepsStates {
      let step = operation.isReversed ? steps - 1 - number : number
      return operands.outputs[operation.body.graph.outputs.count + index] + step * states[index]
    }
    let start = states[..<index].reduce(0) { $0 + 2 * Self.aligned($1) }
    return operands.scratch + start + number % 2 * Self.aligned(states[index])
  }

  private func keepInitialStates(_ operands: Operands, _ sources: [UnsafeMutableRawPointer]) {
    let first = operation.isReversed ? steps - 1 : 0
    for (index, bytes) in states.enumerated() {
      (operands.outputs[operation.body.graph.outputs.count + index] + first * bytes)
        .copyMemory(from: sources[index], byteCount: bytes)
    }
  }
}

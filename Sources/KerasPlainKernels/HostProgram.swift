import KerasGraph

/// A program that computes in the memory of this machine; what such programs have in common is written here.
package protocol HostProgram: Program {
  var interface: ProgramInterface { get }

  /// The numbers it keeps; programs may share them.
  var heldConstants: [HeldConstant] { get }

  /// Runs on memory that the caller keeps alive.
  ///
  /// - Parameters:
  ///   - timer: measures each step, where somebody asks for it.
  ///   - overwriting: called before the first state is overwritten.
  func run(_ memory: RunMemory, timer: StepTimer?, overwriting: () -> Void) throws(KerasError)
}

/// Numbers that a program keeps.
package struct HeldConstant: Sendable {
  /// What keeps them alive.
  package let owner: any AnyObject & Sendable
  package let address: UInt
  package let byteCount: Int

  package init(owner: any AnyObject & Sendable, address: UnsafeRawPointer?, byteCount: Int) {
    self.owner = owner
    self.address = UInt(bitPattern: address)
    self.byteCount = byteCount
  }
}

/// What goes into a program and comes out of it.
package struct ProgramInterface: Sendable {
  /// States left out.
  package let inputs: [TensorSpec]
  package let states: [TensorSpec]
  /// Updates of states left out.
  package let outputs: [TensorSpec]
  package let stateUpdates: [MemoryPlan.StateUpdate]

  package init(of graph: Graph, stateUpdates: [MemoryPlan.StateUpdate]) {
    inputs = graph.inputs.dropLast(graph.stateCount).map(graph.spec(of:))
    states = graph.inputs.suffix(graph.stateCount).map(graph.spec(of:))
    outputs = graph.outputs.dropLast(graph.stateCount).map(graph.spec(of:))
    self.stateUpdates = stateUpdates
  }
}

/// Where one run of a program reads and writes, row-major, as its specs say.
package struct RunMemory {
  /// The inputs, then the states.
  package var inputs: [UnsafeMutableRawPointer]
  /// Where the outputs, updates left out, shall be written; none may overlap an input.
  package var outputs: [UnsafeMutableRawPointer]
  /// Where each state's new value shall be written: for one that is updated in place the same as its input, for one
  /// that is only read never used, else memory of its own.
  package var updates: [UnsafeMutableRawPointer]

  package init(
    inputs: [UnsafeMutableRawPointer], outputs: [UnsafeMutableRawPointer],
    updates: [UnsafeMutableRawPointer] = []
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.updates = updates
  }
}

extension HostProgram {
  package func run(_ inputs: [Tensor]) throws(KerasError) -> [Tensor] { try run(inputs, timer: nil) }

  package func timedRun(
    _ inputs: [Tensor]
  ) throws(KerasError) -> (outputs: [Tensor], seconds: [Double]) {
    let timer = StepTimer(stepCount: steps.count)
    return (try run(inputs, timer: timer), timer.seconds)
  }

  private func run(_ inputs: [Tensor], timer: StepTimer?) throws(KerasError) -> [Tensor] {
    try checkInputs(inputs, interface.inputs + interface.states)
    defer { withExtendedLifetime(inputs) {} }
    var memory = RunMemory(inputs: inputs.map(\.address), outputs: [])
    let outputs = interface.outputs.map { Tensor($0) { memory.outputs.append($0) } }
    let updates = interface.states.map { Tensor($0) { memory.updates.append($0) } }
    for (state, update) in interface.stateUpdates.enumerated() {
      switch update {
      case .none, .inPlace:
        let position = interface.inputs.count + state
        memory.updates[state].copyMemory(from: memory.inputs[position], byteCount: inputs[position].byteCount)
        memory.inputs[position] = memory.updates[state]
      case .secondBuffer, .copied: break
      }
    }
    try run(memory, timer: timer, overwriting: {})
    return outputs + updates
  }

  package func makeSession(
    on store: any StateStore, at positions: [Int]?
  ) throws(KerasError) -> any ProgramSession {
    guard let states = store as? HostStates else {
      throw KerasError(
        .invalidArgument, "The states are not in the memory of this machine, where the program computes.",
        remedy: "make them by the backend that prepared the program.")
    }
    let positions = positions ?? Array(interface.states.indices)
    let updated = interface.stateUpdates.map { if case .none = $0 { false } else { true } }
    try checkStates(interface.states, updated: updated, in: states, at: positions)
    return HostSession(program: self, states: states, positions: positions)
  }
}

/// A program that works on states in this machine's memory.
private struct HostSession: ProgramSession {
  let program: any HostProgram
  let states: HostStates
  let positions: [Int]

  func start(_ inputs: [Tensor]) throws(KerasError) -> any PendingOutputs {
    try checkInputs(inputs, program.interface.inputs)
    defer { withExtendedLifetime(inputs) {} }
    var memory = RunMemory(inputs: inputs.map(\.address), outputs: [])
    let outputs = program.interface.outputs.map { Tensor($0) { memory.outputs.append($0) } }
    try states.step(program, memory, at: positions)
    return FinishedOutputs(outputs: outputs)
  }
}

/// The CPU has computed them when the step returns.
private struct FinishedOutputs: PendingOutputs {
  let outputs: [Tensor]

  func wait() throws(KerasError) -> [Tensor] { outputs }
}

extension Tensor {
  /// A tensor that is still to be filled, at the address that `body` gets.
  fileprivate init(_ spec: TensorSpec, _ body: (UnsafeMutableRawPointer) -> Void) {
    self.init(uninitialized: spec.lengths, spec.dataType) { body($0.baseAddress ?? emptyAddress) }
  }

  /// Where the elements begin. Read only; valid while the tensor is alive.
  fileprivate var address: UnsafeMutableRawPointer {
    withUnsafeBytes { bytes in
      bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) } ?? emptyAddress
    }
  }
}

/// An address for tensors without elements, which nobody reads.
nonisolated(unsafe) private let emptyAddress = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)

import KerasGraph
import Synchronization

/// States on a device. Steps are enqueued one after the other; the plugin runs them in that order.
final class XLAStates: StateStore {
  let device: XLADevice

  fileprivate struct Entry: Sendable {
    let spec: TensorSpec
    /// Nil when a step broke off while it was being overwritten.
    var buffer: PlacedTensor?
  }
  fileprivate struct Contents: Sendable {
    var entries: [Entry] = []
    /// Of steps at which nobody has looked yet.
    var openChecks: [StepCheck] = []
    /// Of what was written since nodes that compute together have compared it; nil where there is nothing to compare.
    var written: [UInt8]?
  }
  private let contents = Mutex(Contents())
  /// Of so many steps nobody needs to have looked.
  private static let openCheckLimit = 64

  init(_ initial: [Tensor], on device: XLADevice) throws(KerasError) {
    self.device = device
    _ = try add(initial)
  }

  var specs: [TensorSpec] { contents.withLock { $0.entries.map(\.spec) } }

  func add(_ initial: [Tensor]) throws(KerasError) -> Range<Int> {
    var added: [Entry] = []
    for tensor in initial { added.append(Entry(spec: tensor.spec, buffer: try device.upload(tensor))) }
    return contents.withLock { contents in
      note(initial, in: &contents)
      let start = contents.entries.count
      contents.entries += added
      return start..<contents.entries.count
    }
  }

  func read(_ positions: [Int]) throws(KerasError) -> [Tensor] {
    // Under the lock, so that no step uses the buffers up meanwhile.
    try contents.withLock { (contents) throws(KerasError) in
      var buffers: [PlacedTensor] = []
      for position in positions {
        try checkStatePosition(position, count: contents.entries.count)
        buffers.append(try contents.buffer(at: position))
      }
      for check in contents.openChecks where !check.isDone { try check.examine() }
      contents.openChecks = []
      var tensors: [Tensor] = []
      for buffer in buffers { tensors.append(try buffer.download()) }
      return tensors
    }
  }

  func write(_ tensors: [Tensor], to positions: [Int]) throws(KerasError) {
    let specs = specs
    for position in positions { try checkStatePosition(position, count: specs.count) }
    try checkInputs(tensors, positions.map { specs[$0] }, called: "state")
    var buffers: [PlacedTensor] = []
    for tensor in tensors { buffers.append(try device.upload(tensor)) }
    contents.withLock { contents in
      note(tensors, in: &contents)
      for (buffer, position) in zip(buffers, positions) { contents.entries[position].buffer = buffer }
    }
  }

  /// Every node holds all weights: what one writes, all must.
  private func note(_ tensors: [Tensor], in contents: inout Contents) {
    guard device.member != nil else { return }
    for tensor in tensors {
      let numbers = tensor.withUnsafeBytes { ExecutableCache.hash(Array($0)) }
      contents.written = ExecutableCache.hash((contents.written ?? []) + numbers)
    }
  }

  /// Enqueues a step of `program`, which takes and updates the states at `positions`.
  ///
  /// - Returns: its outputs, and what must be fine for them to count: the steps before it, and itself.
  func start(
    _ program: XLAProgram, _ inputs: [Tensor], at positions: [Int]
  ) throws(KerasError) -> (outputs: [PlacedTensor], checks: [StepCheck]) {
    try contents.withLock { (contents) throws(KerasError) in
      if let written = contents.written {
        try device.member?.agree(on: "weights", written)
        contents.written = nil
      }
      // So that what nobody looks at does not pile up; a fault stays, for whoever waits.
      if contents.openChecks.count >= Self.openCheckLimit {
        for check in contents.openChecks { try check.settle() }
      }
      var states: [PlacedTensor] = []
      for position in positions { states.append(try contents.buffer(at: position)) }
      let results: StepResults
      do throws(KerasError) {
        results = try program.start(inputs, states)
      } catch {
        // A device that fails may have used up what it was given.
        for (position, changes) in zip(positions, program.text.changes) where changes {
          if contents.entries[position].buffer?.isDeleted ?? false { contents.entries[position].buffer = nil }
        }
        throw error
      }
      for (position, update) in zip(positions, results.updates) {
        if let update { contents.entries[position].buffer = update }
      }
      contents.openChecks.removeAll { $0.isDone }
      let before = contents.openChecks
      if let check = results.check { contents.openChecks.append(check) }
      return (results.outputs, before + (results.check.map { [$0] } ?? []))
    }
  }
}

extension XLAStates.Contents {
  fileprivate func buffer(at position: Int) throws(KerasError) -> PlacedTensor {
    guard let buffer = entries[position].buffer else {
      throw KerasError(
        .invalidArgument, "State \(position) was lost when a step broke off while overwriting it.",
        remedy: "write the states again, for instance from the last saved ones.")
    }
    return buffer
  }
}

/// A program that works on states on its device.
struct XLASession: ProgramSession {
  let program: XLAProgram
  let store: XLAStates
  let positions: [Int]

  func start(_ inputs: [Tensor]) throws(KerasError) -> any PendingOutputs {
    try checkInputs(inputs, program.inputs)
    let (outputs, checks) = try store.start(program, inputs, at: positions)
    return DeviceOutputs(outputs, after: checks)
  }
}

/// Outputs on a device, which are copied when somebody waits.
private final class DeviceOutputs: PendingOutputs {
  private struct State: Sendable {
    var buffers: [PlacedTensor]
    var checks: [StepCheck]
    var tensors: [Tensor]?
  }
  private let state: Mutex<State>

  init(_ buffers: [PlacedTensor], after checks: [StepCheck]) {
    state = Mutex(State(buffers: buffers, checks: checks))
  }

  func wait() throws(KerasError) -> [Tensor] {
    try state.withLock { (state) throws(KerasError) in
      if let tensors = state.tensors { return tensors }
      // An earlier step's fault is told once, to whoever waits first.
      for check in state.checks.dropLast() where !check.isDone { try check.examine() }
      try state.checks.last?.examine()
      var tensors: [Tensor] = []
      for buffer in state.buffers { tensors.append(try buffer.download()) }
      state.tensors = tensors
      state.buffers = []
      return tensors
    }
  }
}

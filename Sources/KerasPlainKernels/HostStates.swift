import KerasGraph
import Synchronization

/// States in the memory of this machine.
///
/// A step holds the store's lock from beginning to end, so steps of all its sessions, reading and writing happen one
/// after the other. A state that cannot be updated in place has two buffers, of which the second is made by the
/// first step that needs it.
package final class HostStates: StateStore {
  private let buffers: Mutex<[StateBuffer]>

  package init(_ initial: [Tensor]) { buffers = Mutex(initial.map(StateBuffer.init)) }

  package var specs: [TensorSpec] { buffers.withLock { $0.map(\.spec) } }

  package func add(_ initial: [Tensor]) throws(KerasError) -> Range<Int> {
    buffers.withLock { buffers in
      let start = buffers.count
      buffers += initial.map(StateBuffer.init)
      return start..<buffers.count
    }
  }

  package func read(_ positions: [Int]) throws(KerasError) -> [Tensor] {
    try buffers.withLock { (buffers) throws(KerasError) in
      var tensors: [Tensor] = []
      for position in positions {
        try checkStatePosition(position, count: buffers.count)
        try buffers[position].checkIsThere(position)
        let spec = buffers[position].spec
        tensors.append(
          Tensor(uninitialized: spec.lengths, spec.dataType) { [current = buffers[position].current] bytes in
            bytes.copyMemory(from: UnsafeRawBufferPointer(start: current.start, count: bytes.count))
          })
      }
      return tensors
    }
  }

  package func write(_ tensors: [Tensor], to positions: [Int]) throws(KerasError) {
    try buffers.withLock { (buffers) throws(KerasError) in
      for position in positions { try checkStatePosition(position, count: buffers.count) }
      try checkInputs(tensors, positions.map { buffers[$0].spec }, called: "state")
      for (tensor, position) in zip(tensors, positions) {
        buffers[position].current.fill(from: tensor)
        buffers[position].isLost = false
      }
    }
  }

  /// Runs `program` with its states at `positions`.
  ///
  /// - Parameter memory: the inputs, states left out, and the outputs.
  func step(_ program: any HostProgram, _ memory: RunMemory, at positions: [Int]) throws(KerasError) {
    let updates = program.interface.stateUpdates
    try buffers.withLock { (buffers) throws(KerasError) in
      var memory = memory
      for (position, update) in zip(positions, updates) {
        try buffers[position].checkIsThere(position)
        memory.inputs.append(buffers[position].current.start)
        switch update {
        case .none, .inPlace: memory.updates.append(buffers[position].current.start)
        case .secondBuffer, .copied: memory.updates.append(buffers[position].second().start)
        }
      }
      var isOverwriting = false
      do throws(KerasError) {
        try program.run(memory, timer: nil) { isOverwriting = true }
      } catch {
        for (position, update) in zip(positions, updates) where isOverwriting {
          if case .inPlace = update { buffers[position].isLost = true }
        }
        throw error
      }
      for (position, update) in zip(positions, updates) {
        switch update {
        case .none, .inPlace: break
        case .secondBuffer, .copied: buffers[position].swap()
        }
      }
    }
  }
}

/// Where one state stands.
private struct StateBuffer: Sendable {
  let spec: TensorSpec
  private(set) var current: StateMemory
  private var spare: StateMemory?
  /// Whether a step broke off while overwriting it.
  var isLost = false

  init(_ tensor: Tensor) {
    spec = tensor.spec
    current = StateMemory(byteCount: tensor.byteCount)
    current.fill(from: tensor)
  }

  mutating func second() -> StateMemory {
    let memory = spare ?? StateMemory(byteCount: current.byteCount)
    spare = memory
    return memory
  }

  mutating func swap() {
    guard let memory = spare else { return }
    (current, spare) = (memory, current)
  }

  func checkIsThere(_ position: Int) throws(KerasError) {
    guard isLost else { return }
    throw KerasError(
      .invalidArgument, "State \(position) was lost when a step broke off while overwriting it.",
      remedy: "write the states again, for instance from the last saved ones.")
  }
}

/// Memory that one step at a time writes, as the store's lock sees to.
private final class StateMemory: @unchecked Sendable {
  let start: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    start = .allocate(byteCount: max(byteCount, 64), alignment: 64)
  }

  deinit { start.deallocate() }

  func fill(from tensor: Tensor) {
    tensor.withUnsafeBytes { bytes in
      if let source = bytes.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) }
    }
  }
}

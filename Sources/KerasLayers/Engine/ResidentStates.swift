import KerasGraph
import Synchronization

/// Weights and slots that live where a backend computes while steps work on them.
///
/// A weight's newest value stays there: nothing is copied to the host between steps. Whoever asks for
/// ``Variable/value`` gets a copy, and whatever is assigned to a variable goes there before the next step.
public final class ResidentStates: Sendable {
  public let backend: any Backend

  private struct Contents {
    var store: (any StateStore)?
    var variables: [ObjectIdentifier: Int] = [:]
    /// By name.
    var slots: [String: Int] = [:]
    /// Keeps the variables alive, so that none takes another's place.
    var owners: [Variable] = []
  }
  private let contents = Mutex(Contents())
  /// Held during a step, with what goes before and after it.
  fileprivate let turn = Mutex(())

  public init(on backend: any Backend) { self.backend = backend }

  /// Prepares a step to work on these states; weights and slots that other steps brought are shared with them.
  ///
  /// - Throws: `shapeMismatch` for a slot that has the name of another of another shape or type, and what the backend
  ///   throws.
  public func prepare(_ step: RecordedStep, options: ProgramOptions = ProgramOptions()) throws(KerasError)
    -> StepSession
  {
    let program = try backend.prepare(optimizing: step.graph, options: options).program
    let updated = step.graph.states.map { $0.input != $0.update }
    return try session(of: program, variables: step.variables, slots: step.slots, updated: updated)
  }

  /// A program of which the states are these variables, then these slots.
  ///
  /// - Parameter updated: by state, whether the program changes it.
  package func session(
    of program: any Program, variables: [Variable], slots: [StepSlot] = [], updated: [Bool]
  ) throws(KerasError) -> StepSession {
    let (store, positions) = try contents.withLock { (contents) throws(KerasError) in
      let store: any StateStore
      if let known = contents.store { store = known } else { store = try backend.makeStates([]) }
      contents.store = store
      func added(_ initial: Tensor) throws(KerasError) -> Int { try store.add([initial]).lowerBound }
      var positions: [Int] = []
      for variable in variables {
        if let known = contents.variables[ObjectIdentifier(variable)] {
          positions.append(known)
          continue
        }
        // Filled before the first step.
        let position = try added(Tensor(zeros: variable.shape, variable.dataType))
        contents.variables[ObjectIdentifier(variable)] = position
        contents.owners.append(variable)
        positions.append(position)
      }
      for slot in slots {
        if let known = contents.slots[slot.name] {
          positions.append(known)
          continue
        }
        let position = try added(slot.initial)
        contents.slots[slot.name] = position
        positions.append(position)
      }
      return (store, positions)
    }
    let session = try program.makeSession(on: store, at: positions)
    let places = zip(variables, zip(positions, updated)).map {
      StepSession.Place(variable: $0, position: $1.0, isUpdated: $1.1)
    }
    return StepSession(session: session, states: self, store: store, places: places)
  }

  /// The current numbers of a slot, as an optimizer's are saved; nil for one that no step brought.
  public func slot(_ name: String) throws(KerasError) -> Tensor? {
    let (store, position) = contents.withLock { ($0.store, $0.slots[name]) }
    guard let store, let position else { return nil }
    return try store.read([position]).first
  }

  /// Replaces a slot's numbers, as when training goes on.
  ///
  /// - Throws: `unknownName` for one that no step brought; `shapeMismatch` when the tensor does not fit.
  public func assign(_ tensor: Tensor, toSlot name: String) throws(KerasError) {
    let (store, position) = contents.withLock { ($0.store, $0.slots[name]) }
    guard let store, let position else {
      throw KerasError(.unknownName, "No step has a slot called `\(name)`.")
    }
    try store.write([tensor], to: [position])
  }
}

/// A step that is ready to be done again and again. Steps on the same states happen one after the other.
public struct StepSession: Sendable {
  fileprivate struct Place: Sendable {
    let variable: Variable
    let position: Int
    let isUpdated: Bool
  }
  fileprivate let session: any ProgramSession
  fileprivate let states: ResidentStates
  fileprivate let store: any StateStore
  fileprivate let places: [Place]

  /// Starts a step; see ``ProgramSession/start(_:)``.
  ///
  /// - Returns: the step's outputs, which may still be being computed.
  public func start(_ inputs: [Tensor]) throws(KerasError) -> any PendingOutputs {
    try states.turn.withLock { (_) throws(KerasError) in
      for place in places { try place.variable.move(into: store, at: place.position) }
      defer {
        // Also after a step that failed: what it left is what the store says.
        for place in places where place.isUpdated { place.variable.changed(in: store, at: place.position) }
      }
      return try session.start(inputs)
    }
  }

  /// Does a step and waits for its outputs.
  @discardableResult
  public func step(_ inputs: [Tensor]) throws(KerasError) -> [Tensor] { try start(inputs).wait() }
}

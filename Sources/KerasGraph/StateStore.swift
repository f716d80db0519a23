/// Numbers that outlive a run, held where a backend computes: buffers that the sessions of several programs share.
///
/// A training step, an evaluation and the last, smaller batch of an epoch are programs of their own and read and
/// write the same weights: each gets a session on one store. Steps on one store happen one after the other, in the
/// order in which they were started; programs stay immutable.
public protocol StateStore: AnyObject, Sendable {
  /// What is held, by position.
  var specs: [TensorSpec] { get }

  /// Holds more, behind what it holds already.
  ///
  /// - Returns: the positions.
  func add(_ initial: [Tensor]) throws(KerasError) -> Range<Int>

  /// Copies of what is held at `positions`, after all steps that were started before.
  ///
  /// - Throws: `invalidArgument` for a position that is not there, or whose numbers a failed step has lost.
  func read(_ positions: [Int]) throws(KerasError) -> [Tensor]

  /// Replaces what is held at `positions` for the steps that are started later.
  ///
  /// - Throws: `shapeMismatch` when a tensor does not fit; `invalidArgument` for a position that is not there. Then
  ///   nothing is replaced.
  func write(_ tensors: [Tensor], to positions: [Int]) throws(KerasError)
}

/// A program with states to work on. It may be used from several threads; its steps happen one after the other.
public protocol ProgramSession: Sendable {
  /// Starts a step: computes the graph on `inputs` (states left out) and the states, and updates these.
  ///
  /// A step that fails in the numbers (an index outside its axis) leaves the states as they were before it. Where
  /// computing itself breaks off after states have begun to be overwritten (a library or device fails), those are
  /// lost: reading or stepping says so until they are written again.
  ///
  /// - Returns: the outputs (updates left out), which may still be being computed. What goes wrong in doing so is
  ///   thrown by whoever waits for it first: for these outputs, for a later step's, or for a state.
  /// - Throws: `shapeMismatch` when an input does not fit.
  func start(_ inputs: [Tensor]) throws(KerasError) -> any PendingOutputs
}

extension ProgramSession {
  /// Does a step and waits for it; see ``start(_:)``.
  ///
  /// - Returns: the outputs, updates of states left out.
  @discardableResult
  public func step(_ inputs: [Tensor]) throws(KerasError) -> [Tensor] { try start(inputs).wait() }
}

/// What a step that was started will give. Nobody needs to wait: a loss may be read every hundredth step only.
public protocol PendingOutputs: Sendable {
  /// The outputs, as soon as they are there; the same each time.
  func wait() throws(KerasError) -> [Tensor]
}

/// Checks where a program's states stand in a store.
///
/// - Parameter updated: by state, whether the program changes it.
package func checkStates(
  _ expected: [TensorSpec], updated: [Bool], in store: any StateStore, at positions: [Int]
) throws(KerasError) {
  guard positions.count == expected.count else {
    throw KerasError(
      .invalidArgument, "The program has \(expected.count) states, found \(positions.count) positions.")
  }
  let specs = store.specs
  for (number, (spec, position)) in zip(expected, positions).enumerated() {
    try checkStatePosition(position, count: specs.count)
    guard specs[position] == spec else {
      throw KerasError(.shapeMismatch, "Expected \(spec), found \(specs[position]).", path: ["state \(number)"])
    }
    if updated[number], positions.filter({ $0 == position }).count > 1 {
      throw KerasError(.invalidArgument, "Position \(position) is given to two states, and one updates it.")
    }
  }
}

/// - Throws: `invalidArgument` for a position that is not there.
package func checkStatePosition(_ position: Int, count: Int) throws(KerasError) {
  guard (0..<count).contains(position) else {
    throw KerasError(.invalidArgument, "There is no state \(position); the store holds \(count).")
  }
}

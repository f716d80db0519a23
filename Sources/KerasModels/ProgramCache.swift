import KerasGraph
import KerasLayers
import Synchronization

/// A model ready to run.
struct PreparedModel: Sendable {
  let program: any Program
  /// For a model with states that outlive a batch.
  let session: StepSession?
  /// Whether rows of zeros may stand behind the samples of a batch without changing what becomes of those.
  let keepsRowsApart: Bool
}

/// The programs a model has been prepared as; the last few are kept.
package final class ProgramCache: Sendable {
  package init() {}

  struct Key: Hashable, Sendable {
    var inputs: [TensorSpec]
    var options: ComputeOptions
  }

  /// A program that is there or being made. Who wants the same one waits for it; nobody else does.
  private final class Place: Sendable { let program = Mutex<PreparedModel?>(nil) }

  private struct Entry: Sendable {
    let key: Key
    let place: Place
    /// When its preparation began, by ``Variable/now``.
    let start: Int
    /// The model as it was prepared; nil until then.
    var structure: [Int]?
  }

  private struct State: Sendable {
    /// Most recently used last.
    var entries: [Entry] = []
    /// When it was last seen that no entry is stale.
    var checked = 0
  }
  private static let capacity = 4
  private let state = Mutex(State())

  /// The program for `key`, prepared if it is not there or stale.
  func program(
    for key: Key, of model: Model, prepare: () throws(KerasError) -> PreparedModel
  ) throws(KerasError) -> PreparedModel {
    let place = place(for: key, of: model)
    return try place.program.withLock { (program) throws(KerasError) in
      if let program { return program }
      let prepared = try prepare()
      program = prepared
      // Only now: a model may make its layers when it is first called.
      let structure = model.structure
      state.withLock { state in
        if let index = state.entries.firstIndex(where: { $0.place === place }) {
          state.entries[index].structure = structure
        }
      }
      return prepared
    }
  }

  /// The program of another graph that is recorded with the model's weights as constants.
  ///
  /// - Parameter record: the graph for inputs of these specs.
  package func program(
    for specs: [TensorSpec], of model: Model, options: ComputeOptions,
    record: () throws(KerasError) -> Graph
  ) throws(KerasError) -> any Program {
    var key = Key(inputs: specs, options: options)
    key.options = try options.resolved()
    return try program(for: key, of: model) { () throws(KerasError) in
      PreparedModel(program: try options.prepare(record()).program, session: nil, keepsRowsApart: false)
    }.program
  }

  private func place(for key: Key, of model: Model) -> Place {
    state.withLock { state in
      let now = Variable.now
      if now != state.checked {
        // States are inputs of a program, not part of it.
        let lastAssignment = model.weights.reduce(0) { max($0, $1.lastAssignment) }
        let structure = model.structure
        state.entries.removeAll { entry in
          lastAssignment > entry.start || entry.structure.map { $0 != structure } ?? false
        }
        state.checked = now
      }
      if let index = state.entries.firstIndex(where: { $0.key == key }) {
        let entry = state.entries.remove(at: index)
        state.entries.append(entry)
        return entry.place
      }
      if state.entries.count == Self.capacity { state.entries.removeFirst() }
      let entry = Entry(key: key, place: Place(), start: now)
      state.entries.append(entry)
      return entry.place
    }
  }
}

extension Layer {
  /// When the layer and those inside last changed in what they compute: another list is another computation.
  package var structure: [Int] {
    let inside = (self as? Model)?.layers ?? children.map(\.layer)
    return [structureTick] + inside.flatMap(\.structure)
  }
}

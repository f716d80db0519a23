import Synchronization

/// Objects that are made once and given to all who ask under the same key, as long as somebody holds them.
package final class SharedObjects<Key: Hashable & Sendable, Object: AnyObject & Sendable>: Sendable {
  private struct Entry { weak var object: Object? }

  private struct State {
    var entries: [Key: Entry] = [:]
    /// At so many entries, those of objects that are gone are removed.
    var limit = 64
  }
  private let state = Mutex(State())

  package init() {}

  /// The object under `key` that somebody holds, or else what `make` gives. Threads that ask at the same time may each
  /// make one; all get the first that is ready.
  package func object<Failure: Error>(
    for key: Key, make: () throws(Failure) -> Object
  ) throws(Failure) -> Object {
    if let known = state.withLock({ $0.entries[key]?.object }) { return known }
    let made = try make()
    return state.withLock { state in
      if let known = state.entries[key]?.object { return known }
      state.entries[key] = Entry(object: made)
      if state.entries.count >= state.limit {
        state.entries = state.entries.filter { $0.value.object != nil }
        state.limit = max(64, 2 * state.entries.count)
      }
      return made
    }
  }

  /// How many keys are remembered, of objects that are gone, too.
  package var count: Int { state.withLock { $0.entries.count } }
}

import KerasGraph
import Synchronization

/// This process as one of a group: the store, which on the first node it keeps, and what all nodes must do alike.
final class NodeMember: Sendable {
  let store: NodeStore
  private let keeper: NodeKeeper?
  /// How often the nodes have compared what they do.
  private let turns = Mutex(0)

  var group: NodeGroup { store.group }

  /// Meets the others.
  ///
  /// - Throws: what ``NodeKeeper`` and ``NodeStore/meet()`` throw.
  init(_ group: NodeGroup) throws(KerasError) {
    keeper = group.number == 0 ? try NodeKeeper(group) : nil
    store = try NodeStore(group)
    try store.meet()
  }

  /// Compares what this node is about to do with what the first does, before all wait for each other in it.
  ///
  /// - Parameters:
  ///   - what: for people: `program`, `weights`.
  ///   - digest: the same on every node where they do the same.
  /// - Throws: `invalidArgument` where they differ, `unsupported` where one does not come.
  func agree(on what: String, _ digest: [UInt8]) throws(KerasError) {
    let turn = turns.withLock { turns in
      turns += 1
      return turns
    }
    func key(_ number: Int) -> [UInt8] { Array("keras/turn \(turn)/\(number)".utf8) }
    let mine = Array(what.utf8) + [0] + digest
    do throws(StoreFault) { try store.put(key(group.number), mine) } catch { throw gone(nil) }
    for number in 0..<group.count where number != group.number {
      let theirs: [UInt8]
      do throws(StoreFault) {
        theirs = try store.get(key(number), within: .seconds(group.patience))
      } catch { throw gone(error == .late ? number : nil) }
      guard theirs == mine else {
        throw KerasError(
          .invalidArgument, "Node \(number) has other \(what) than this node, \(group.number).",
          remedy: "run the same program on every node, with the same seeds and the same files.")
      }
    }
  }

  private func gone(_ number: Int?) -> KerasError {
    guard let number else {
      return KerasError(
        .unsupported, "Node 0 at \(group.addresses[0]) is gone.", remedy: "start all nodes again.")
    }
    return KerasError(
      .unsupported,
      "Node \(number) (\(group.addresses[number])) did not come within \(Int(group.patience)) s to compute together.",
      remedy: "look whether it failed, and start all nodes again.")
  }
}

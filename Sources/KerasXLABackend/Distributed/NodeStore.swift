import Glibc
import KerasGraph
import Synchronization

/// Why the store did not do what it was asked.
enum StoreFault: Error, Hashable {
  case notFound
  case late
  case full
  /// The keeper is gone, or something else spoke in its place.
  case lost
}

/// The store of a group as one node reaches it. Safe to use from several threads: each request has a connection for itself.
final class NodeStore: Sendable {
  let group: NodeGroup
  private let places: [SocketAddress]
  private let incarnation = Greeting.nonce(16)

  private struct Connection: Sendable {
    let socket: NodeSocket
    var outgoing: FrameSeal
    var incoming: FrameSeal
  }
  /// Connections of which nobody waits for an answer.
  private let idle = Mutex<[Connection]>([])

  /// For sending and receiving what is there.
  private static let patience = Duration.seconds(30)

  /// - Parameter place: where the keeper is; nil for where the group says.
  /// - Throws: `unsupported` where the first node's name is not known.
  init(_ group: NodeGroup, at place: SocketAddress? = nil) throws(KerasError) {
    self.group = group
    if let place { places = [place] } else { places = try group.addresses[0].resolved() }
  }

  // MARK: - Meeting

  /// Comes to the first node's store, and waits until all nodes have.
  ///
  /// - Throws: `unsupported` where a node does not come in time, `invalidArgument` for another secret, another list of
  ///   nodes, or a number that another process has.
  func meet() throws(KerasError) {
    let deadline = ContinuousClock.now + .seconds(group.patience)
    let first = try firstConnection(by: deadline)
    idle.withLock { $0.append(first) }
    func key(_ number: Int) -> [UInt8] { Array("keras/here/\(number)".utf8) }
    do throws(StoreFault) { try put(key(group.number), []) } catch { throw lost() }
    var missing: [Int] = []
    for number in 0..<group.count {
      let left = max(.zero, ContinuousClock.now.duration(to: deadline))
      do throws(StoreFault) {
        _ = try get(key(number), within: missing.isEmpty ? left : .zero)
      } catch {
        guard error == .late || error == .notFound else { throw lost() }
        missing.append(number)
      }
    }
    guard missing.isEmpty else {
      let names = missing.map { "\($0) (\(group.addresses[$0]))" }.joined(separator: ", ")
      throw KerasError(
        .unsupported,
        "\(missing.count == 1 ? "Node" : "Nodes") \(names) did not come within \(Int(group.patience)) s.",
        remedy: "start every node, with the same list and its own number.")
    }
  }

  /// The first node may start later than this one.
  private func firstConnection(by deadline: ContinuousClock.Instant) throws(KerasError) -> Connection {
    var last = NodeFault.late
    repeat {
      do throws(GreetingFault) {
        return try connection(by: min(deadline, .now + Self.patience))
      } catch {
        switch error {
        case .never(let error): throw error
        case .now(let fault): last = fault
        }
        usleep(100_000)
      }
    } while ContinuousClock.now < deadline
    let reason =
      if case .system(let code) = last { String(cString: strerror(code)) } else { "it does not answer" }
    throw KerasError(
      .unsupported,
      "Node 0 could not be reached at \(group.addresses[0]) within \(Int(group.patience)) s: \(reason).",
      remedy:
        "start it, and check that the address is right, that no firewall stands between, and that this machine is "
        + "among those that it was told of.")
  }

  private enum GreetingFault: Error {
    /// It may go better later.
    case now(NodeFault)
    case never(KerasError)
  }

  private func connection(by deadline: ContinuousClock.Instant) throws(GreetingFault) -> Connection {
    var fault = NodeFault.late
    for place in places {
      let socket: NodeSocket
      let hello: [UInt8]
      do throws(NodeFault) {
        socket = try NodeSocket.connected(to: place, by: deadline)
        hello = try socket.receive(Greeting.helloCount, by: deadline)
      } catch {
        fault = error
        continue
      }
      guard hello.starts(with: Greeting.magic) else { throw .never(foreign("is no node of this version")) }
      let claim = NodeClaim(group, incarnation: incarnation)
      let answer: [UInt8]
      do throws(NodeFault) {
        try socket.send(claim.sealed(group.secret, hello: hello), by: deadline)
        answer = try socket.receive(Greeting.answerCount, by: deadline)
      } catch { throw .now(error) }
      try check(answer, to: claim, hello)
      let key = claim.key(group.secret, hello: hello)
      return Connection(
        socket: socket, outgoing: FrameSeal(key: key, .toKeeper), incoming: FrameSeal(key: key, .fromKeeper))
    }
    throw .now(fault)
  }

  private func check(_ received: [UInt8], to claim: NodeClaim, _ hello: [UInt8]) throws(GreetingFault) {
    let answer = Greeting.Answer(rawValue: received[0])
    // Who knows another secret cannot prove what it says; it is believed that it is another.
    if answer == .wrongSecret {
      throw .never(
        KerasError(
          .invalidArgument, "Node 0 at \(group.addresses[0]) has another secret.",
          remedy: "give all nodes the same KERAS_NODES_SECRET, or the same file."))
    }
    guard let answer,
      isSameCode(received.dropFirst(), claim.answer(answer, group.secret, hello: hello).dropFirst())
    else { throw .never(foreign("does not know the secret")) }
    switch answer {
    case .welcome, .wrongSecret: return
    case .otherGroup:
      throw .never(
        KerasError(
          .invalidArgument, "Node 0 at \(group.addresses[0]) was told of other nodes.",
          remedy: "give all nodes the same list, spelled alike."))
    case .taken:
      throw .never(
        KerasError(
          .invalidArgument, "Another process is node \(group.number) already.",
          remedy: "give every process its own number; after one has ended, start all again."))
    }
  }

  private func foreign(_ what: String) -> KerasError {
    KerasError(.unsupported, "What answers at \(group.addresses[0]) \(what).")
  }

  private func lost() -> KerasError {
    KerasError(
      .unsupported, "Node 0 at \(group.addresses[0]) is gone, and with it what the nodes tell each other.",
      remedy: "start all nodes again.")
  }

  // MARK: - Requests

  func put(_ key: [UInt8], _ value: [UInt8]) throws(StoreFault) {
    guard (1...StoreRequest.largestKey).contains(key.count), value.count <= StoreRequest.largestValue else {
      throw .full
    }
    _ = try ask(StoreRequest(.put, key, value: value))
  }

  /// What was put under a key, or will be within some time.
  func get(_ key: [UInt8], within duration: Duration) throws(StoreFault) -> [UInt8] {
    guard (1...StoreRequest.largestKey).contains(key.count) else { throw .notFound }
    let milliseconds = UInt32(max(0, min(duration.inSeconds * 1000, 3_600_000)))
    return try ask(
      StoreRequest(.get, key, milliseconds: milliseconds), wait: .milliseconds(Int64(milliseconds)))
  }

  /// - Throws: `notFound` where nothing was put yet.
  func tryGet(_ key: [UInt8]) throws(StoreFault) -> [UInt8] {
    guard (1...StoreRequest.largestKey).contains(key.count) else { throw .notFound }
    return try ask(StoreRequest(.tryGet, key))
  }

  private func ask(_ request: StoreRequest, wait: Duration = .zero) throws(StoreFault) -> [UInt8] {
    let deadline = ContinuousClock.now + Self.patience + wait
    var connection: Connection
    if let known = idle.withLock({ $0.popLast() }) {
      connection = known
    } else {
      do throws(GreetingFault) { connection = try self.connection(by: deadline) } catch { throw .lost }
    }
    let answer: [UInt8]
    do throws(NodeFault) {
      try connection.socket.send(connection.outgoing.sealed(request.body), by: deadline)
      let count = Int(try connection.socket.receive(4, by: deadline).number32(at: 0))
      guard (1...1 + StoreRequest.largestValue).contains(count) else { throw .foreign }
      let frame = try connection.socket.receive(count + Greeting.codeCount, by: deadline)
      answer = Array(frame.prefix(count))
      guard connection.incoming.opens(answer, frame.suffix(Greeting.codeCount)) else { throw .foreign }
    } catch { throw .lost }
    idle.withLock { $0.append(connection) }
    switch StoreAnswer(rawValue: answer[0]) {
    case .fine: return Array(answer.dropFirst())
    case .notFound: throw .notFound
    case .late: throw .late
    case .full: throw .full
    case nil: throw .lost
    }
  }
}

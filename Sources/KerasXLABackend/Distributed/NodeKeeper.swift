import Dispatch
import Glibc
import KerasGraph
import Synchronization

/// The store that the first node keeps for all: bytes by key, on one thread, for those who know the secret and come from
/// an address that was named.
final class NodeKeeper: Sendable {
  /// Of the port it listens at, which may have been chosen by the system.
  let port: UInt16
  /// Ends the thread when it is closed.
  private let wake: Int32

  /// - Parameter port: where it listens; nil for where the group says, 0 for where the system chooses.
  /// - Throws: `unsupported` where the address is not this machine's, or in use.
  init(_ group: NodeGroup, port chosen: UInt16? = nil) throws(KerasError) {
    var known: Set<[UInt8]> = []
    for address in group.addresses { for found in try address.resolved() { known.insert(found.host) } }
    let listener = try Self.listener(at: group.addresses[0].with(port: chosen))
    var bound = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &bound) { bound in
      _ = bound.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
    }
    // In both families the port is the third and fourth byte.
    port = withUnsafeBytes(of: &bound) { UInt16($0[2]) << 8 | UInt16($0[3]) }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      close(listener)
      throw KerasError(.libraryFailure, "The system gives no pipe: \(String(cString: strerror(errno))).")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    wake = ends[1]
    let loop = KeeperLoop(group, listener: listener, end: ends[0], known: known)
    DispatchQueue(label: "keras nodes").async {
      var running = loop
      running.run()
    }
  }

  deinit { close(wake) }

  private static func listener(at address: NodeAddress) throws(KerasError) -> Int32 {
    var failure: Int32 = 0
    for place in try address.resolved() {
      guard let descriptor = try? NodeSocket.made(place.family) else { continue }
      var yes: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
      if place.with({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 128) == 0 { return descriptor }
      failure = errno
      close(descriptor)
    }
    switch failure {
    case EADDRINUSE:
      throw KerasError(
        .unsupported, "The address \(address) of the first node is in use.",
        remedy: "choose another port, the same on every node, or end the program that uses this one.")
    case EADDRNOTAVAIL:
      throw KerasError(
        .unsupported, "The address \(address) of the first node is none of this machine's.",
        remedy: "run node 0 there, or name this machine first.")
    default:
      throw KerasError(
        .unsupported, "Nobody can listen at \(address): \(String(cString: strerror(failure))).")
    }
  }
}

/// What the keeper's thread does.
private struct KeeperLoop: @unchecked Sendable {
  private final class Peer {
    let socket: NodeSocket
    let hello: [UInt8]
    /// When it is sent away if it has not said who it is.
    let deadline: ContinuousClock.Instant
    var seals: (incoming: FrameSeal, outgoing: FrameSeal)?
    var input: [UInt8] = []
    var output: [UInt8] = []
    /// What it waits for.
    var wanted: (key: [UInt8], until: ContinuousClock.Instant)?
    /// Whether it goes when the output is sent.
    var isLeaving = false

    init(_ socket: NodeSocket, deadline: ContinuousClock.Instant) {
      (self.socket, self.deadline) = (socket, deadline)
      hello = Greeting.magic + Greeting.nonce()
      output = hello
    }
  }

  private let group: NodeGroup
  private let listener: Int32
  private let end: Int32
  private let known: Set<[UInt8]>
  private let peerLimit: Int
  private var peers: [Peer] = []
  private var values: [[UInt8]: [UInt8]] = [:]
  private var byteCount = 0
  /// By node, which process it is.
  private var incarnations: [Int: [UInt8]] = [:]

  private static let claimSeconds = 10
  private static let byteLimit = 256 << 20
  private static let countLimit = 1 << 16
  private static let longestWait = Duration.seconds(3600)

  init(_ group: NodeGroup, listener: Int32, end: Int32, known: Set<[UInt8]>) {
    (self.group, self.listener, self.end, self.known) = (group, listener, end, known)
    peerLimit = 16 + 8 * group.count
  }

  mutating func run() {
    defer {
      close(listener)
      close(end)
    }
    while true {
      var entries = [
        pollfd(fd: end, events: Int16(POLLIN), revents: 0),
        pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
      ]
      for peer in peers {
        let events = POLLIN | (peer.output.isEmpty ? 0 : POLLOUT)
        entries.append(pollfd(fd: peer.socket.descriptor, events: Int16(events), revents: 0))
      }
      guard poll(&entries, nfds_t(entries.count), pause) >= 0 || errno == EINTR else { return }
      // The other end of the pipe is closed.
      if entries[0].revents != 0 { return }
      let now = ContinuousClock.now
      var gone: Set<ObjectIdentifier> = []
      for (entry, peer) in zip(entries.dropFirst(2), peers) {
        do throws(NodeFault) {
          if entry.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 { try read(peer, now) }
          if peer.seals == nil, !peer.isLeaving, now > peer.deadline { throw .late }
          if let wanted = peer.wanted, now > wanted.until {
            peer.wanted = nil
            answer(.late, to: peer)
          }
          try write(peer)
          if peer.isLeaving, peer.output.isEmpty { throw .closed }
        } catch { gone.insert(ObjectIdentifier(peer)) }
      }
      peers.removeAll { gone.contains(ObjectIdentifier($0)) }
      if entries[1].revents != 0 { accept(now) }
    }
  }

  /// Milliseconds until somebody has waited long enough.
  private var pause: Int32 {
    let deadlines = peers.compactMap { $0.wanted?.until ?? ($0.seals == nil ? $0.deadline : nil) }
    guard let next = deadlines.min() else { return -1 }
    return Int32(max(0, min(ContinuousClock.now.duration(to: next).inSeconds * 1000 + 1, 60_000)))
  }

  private mutating func accept(_ now: ContinuousClock.Instant) {
    while true {
      var from = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let descriptor = withUnsafeMutablePointer(to: &from) { from in
        from.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.accept(listener, $0, &length) }
      }
      guard descriptor >= 0 else { return }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
      let socket = NodeSocket(descriptor)
      let address = withUnsafePointer(to: &from) { from in
        from.withMemoryRebound(to: sockaddr.self, capacity: 1) { SocketAddress($0, length) }
      }
      // Whoever was not named is not talked to.
      guard let address, known.contains(address.host), peers.count < peerLimit else { continue }
      peers.append(Peer(socket, deadline: now + .seconds(Self.claimSeconds)))
    }
  }

  private mutating func read(_ peer: Peer, _ now: ContinuousClock.Instant) throws(NodeFault) {
    while let part = try peer.socket.receiveSome(atMost: 1 << 16) {
      guard !peer.isLeaving else { continue }
      peer.input += part
      try take(peer, now)
    }
  }

  private mutating func take(_ peer: Peer, _ now: ContinuousClock.Instant) throws(NodeFault) {
    guard peer.seals != nil else {
      guard peer.input.count >= Greeting.claimCount else { return }
      greet(peer)
      return
    }
    while peer.input.count >= 4, !peer.isLeaving {
      let count = Int(peer.input.number32(at: 0))
      // It asks one thing after the other.
      guard count <= StoreRequest.largestBody, peer.wanted == nil else { throw .foreign }
      let whole = 4 + count + Greeting.codeCount
      guard peer.input.count >= whole else { return }
      let body = Array(peer.input[4..<4 + count])
      let code = Array(peer.input[(4 + count)..<whole])
      peer.input.removeFirst(whole)
      guard peer.seals?.incoming.opens(body, code) == true, let request = StoreRequest(body) else {
        throw .foreign
      }
      handle(request, of: peer, now)
    }
  }

  private mutating func greet(_ peer: Peer) {
    let received = Array(peer.input.prefix(Greeting.claimCount))
    peer.input.removeFirst(Greeting.claimCount)
    let claim = NodeClaim(received)
    let answer: Greeting.Answer
    if !claim.isSealed(received, group.secret, hello: peer.hello) {
      answer = .wrongSecret
    } else if claim.roster != group.roster || !(0..<group.count).contains(claim.number) {
      answer = .otherGroup
    } else if let known = incarnations[claim.number], known != claim.incarnation {
      answer = .taken
    } else {
      answer = .welcome
      incarnations[claim.number] = claim.incarnation
      let key = claim.key(group.secret, hello: peer.hello)
      peer.seals = (FrameSeal(key: key, .toKeeper), FrameSeal(key: key, .fromKeeper))
    }
    peer.output += claim.answer(answer, group.secret, hello: peer.hello)
    peer.isLeaving = answer != .welcome
  }

  private mutating func handle(_ request: StoreRequest, of peer: Peer, _ now: ContinuousClock.Instant) {
    switch request.kind {
    case .put:
      let before = values[request.key]
      let total =
        byteCount + request.key.count + request.value.count
        - (before.map { $0.count + request.key.count } ?? 0)
      guard total <= Self.byteLimit, before != nil || values.count < Self.countLimit else {
        return answer(.full, to: peer)
      }
      byteCount = total
      values[request.key] = request.value
      answer(.fine, to: peer)
      for other in peers where other.wanted?.key == request.key {
        other.wanted = nil
        answer(.fine, request.value, to: other)
      }
    case .get, .tryGet:
      if let value = values[request.key] {
        answer(.fine, value, to: peer)
      } else if request.kind == .tryGet {
        answer(.notFound, to: peer)
      } else {
        peer.wanted = (request.key, now + min(.milliseconds(Int64(request.milliseconds)), Self.longestWait))
      }
    }
  }

  private func answer(_ answer: StoreAnswer, _ value: [UInt8] = [], to peer: Peer) {
    peer.output += peer.seals?.outgoing.sealed([answer.rawValue] + value) ?? []
  }

  private func write(_ peer: Peer) throws(NodeFault) {
    guard !peer.output.isEmpty else { return }
    let count = peer.output.withUnsafeBytes {
      send(peer.socket.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    if count > 0 { peer.output.removeFirst(count) }
    if count < 0, errno != EAGAIN, errno != EINTR { throw .closed }
  }
}

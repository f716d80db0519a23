import Glibc
import KerasGraph

/// Why nodes could not talk.
enum NodeFault: Error, Hashable {
  /// Nothing came in time.
  case late
  /// The other end is gone.
  case closed
  /// What came is not what nodes say, or not from one.
  case foreign
  case system(Int32)
}

/// A connection between two nodes, for one thread at a time. What is not done in time fails; nothing waits for ever.
final class NodeSocket: @unchecked Sendable {
  let descriptor: Int32

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var yes: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { close(descriptor) }

  static func made(_ family: Int32) throws(NodeFault) -> Int32 {
    let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(family, flags, 0)
    guard descriptor >= 0 else { throw .system(errno) }
    return descriptor
  }

  static func connected(to address: SocketAddress, by deadline: ContinuousClock.Instant) throws(NodeFault)
    -> NodeSocket
  {
    let socket = NodeSocket(try made(address.family))
    let began = address.with { connect(socket.descriptor, $0, $1) }
    if began != 0 {
      guard errno == EINPROGRESS else { throw .system(errno) }
      try socket.wait(for: POLLOUT, by: deadline)
      var code: Int32 = 0
      var length = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
      guard code == 0 else { throw .system(code) }
    }
    return socket
  }

  func send(_ bytes: [UInt8], by deadline: ContinuousClock.Instant) throws(NodeFault) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        Glibc.send(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN || errno == EINTR {
        try wait(for: POLLOUT, by: deadline)
      } else {
        throw .closed
      }
    }
  }

  func receive(_ wanted: Int, by deadline: ContinuousClock.Instant) throws(NodeFault) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < wanted {
      // A peer that announces much is given room only for what it sends.
      let part = try receiveSome(atMost: min(wanted - bytes.count, 1 << 16))
      if let part { bytes += part } else { try wait(for: POLLIN, by: deadline) }
    }
    return bytes
  }

  /// What is there; nil when nothing is yet.
  func receiveSome(atMost limit: Int) throws(NodeFault) -> [UInt8]? {
    var part = [UInt8](repeating: 0, count: limit)
    let count = recv(descriptor, &part, limit, 0)
    if count > 0 { return Array(part.prefix(count)) }
    if count < 0, errno == EAGAIN || errno == EINTR { return nil }
    throw .closed
  }

  private func wait(for event: Int32, by deadline: ContinuousClock.Instant) throws(NodeFault) {
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { throw .late }
    var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    let milliseconds = Int32(min(left.inSeconds * 1000 + 1, 60_000))
    guard poll(&entry, 1, milliseconds) >= 0 || errno == EINTR else { throw .system(errno) }
  }
}

import Glibc
import KerasGraph

/// Where a node is: a host's name or address, and for the first a port: `gpu1:4000`, `10.0.0.2`, `[fd00::1]:4000`.
struct NodeAddress: Hashable, Sendable, CustomStringConvertible {
  let host: String
  let port: UInt16?

  /// - Throws: `invalidArgument` for what names no host, or a port that is none.
  init(_ text: String) throws(KerasError) {
    var host = Substring(text)
    var digits: Substring?
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      if rest.hasPrefix(":") { digits = rest.dropFirst() } else if !rest.isEmpty { digits = "" }
    } else if let colon = text.firstIndex(of: ":"), colon == text.lastIndex(of: ":") {
      (host, digits) = (text[..<colon], text[text.index(after: colon)...])
    }
    let allowed = host.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: ":"), UInt8(ascii: "%"):
        true
      default: false
      }
    }
    let port = digits.map { UInt16($0) }
    guard !host.isEmpty, host.utf8.count <= 253, allowed, port != .some(nil), port != 0 else {
      throw KerasError(
        .invalidArgument, "`\(text)` is no address of a node.",
        remedy: "name a host, and of the first node its port too, as gpu1:4000,gpu2.")
    }
    (self.host, self.port) = (String(host), port ?? nil)
  }

  private init(host: String, port: UInt16?) { (self.host, self.port) = (host, port) }

  /// The same, at another port where one is given.
  func with(port other: UInt16?) -> NodeAddress { NodeAddress(host: host, port: other ?? port) }

  var description: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return name + (port.map { ":\($0)" } ?? "")
  }

  /// What the name stands for.
  ///
  /// - Throws: `unsupported` for a name that nobody knows.
  func resolved() throws(KerasError) -> [SocketAddress] {
    var hints = addrinfo()
    (hints.ai_family, hints.ai_socktype) = (AF_UNSPEC, Int32(SOCK_STREAM.rawValue))
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, "\(port ?? 0)", &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    var found: [SocketAddress] = []
    var next = code == 0 ? list : nil
    while let entry = next {
      if let address = SocketAddress(entry.pointee.ai_addr, entry.pointee.ai_addrlen),
        !found.contains(address)
      {
        found.append(address)
      }
      next = entry.pointee.ai_next
    }
    guard !found.isEmpty else {
      throw KerasError(
        .unsupported, "The name \(host) of a node is not known here: \(String(cString: gai_strerror(code))).",
        remedy: "name nodes by addresses, or as `getent hosts \(host)` finds them.")
    }
    return found
  }
}

/// An address of the Internet's, of version 4 or 6, with a port.
struct SocketAddress: Hashable, Sendable {
  /// A `sockaddr_in` or `sockaddr_in6`.
  let bytes: [UInt8]
  /// The host's alone: four bytes, or sixteen.
  let host: [UInt8]

  init?(_ address: UnsafePointer<sockaddr>?, _ length: socklen_t) {
    guard let address else { return nil }
    let raw = UnsafeRawBufferPointer(start: address, count: Int(length))
    bytes = Array(raw)
    switch Int32(address.pointee.sa_family) {
    case AF_INET where raw.count >= MemoryLayout<sockaddr_in>.size: host = Array(raw[4..<8])
    case AF_INET6 where raw.count >= MemoryLayout<sockaddr_in6>.size:
      let all = Array(raw[8..<24])
      // An address of version 4 in one of version 6 is the same host.
      let isMapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10] == 255 && all[11] == 255
      host = isMapped ? Array(all[12...]) : all
    default: return nil
    }
  }

  var family: Int32 { Int32(bytes.withUnsafeBytes { $0.load(as: sockaddr.self) }.sa_family) }

  func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    // As wide as the widest, and aligned.
    var storage = sockaddr_storage()
    withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: bytes.prefix($0.count)) }
    return withUnsafePointer(to: storage) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(bytes.count)) }
    }
  }
}

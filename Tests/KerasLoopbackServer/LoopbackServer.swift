import Glibc
import Synchronization

/// A small HTTP/1.1 server on 127.0.0.1 for tests: it answers as told, also badly, and remembers what it
/// was asked.
///
/// ```swift
/// let server = try LoopbackServer { _ in .ok(bytes) }
/// let base = server.url                       // http://127.0.0.1:40123
/// ```
public final class LoopbackServer: Sendable {
  public struct Request: Hashable, Sendable {
    public let method: String
    public let path: String
    /// Names in lowercase.
    public let headers: [String: String]
    /// What was sent along; as long as it says.
    public let body: String
    /// How many requests came before this one.
    public let number: Int

    /// The first byte asked for; nil when all are.
    public var rangeStart: Int? {
      guard let range = headers["range"], range.hasPrefix("bytes=") else { return nil }
      return Int(range.dropFirst(6).prefix { $0.isNumber })
    }
  }

  public struct Response: Sendable {
    public var status = 200
    public var headers: [String: String] = [:]
    public var body: [UInt8] = []
    /// Whether `Range` is understood.
    public var honoursRange = true
    /// Whether the length is announced; without, the end of the connection is the end of the body.
    public var announcesLength = true
    /// Bytes of this answer's body after which the connection is cut.
    public var cutAfter: Int?
    /// Whether a range is answered whatever `If-Range` says.
    public var ignoresIfRange = false
    /// The most bytes of a range that one answer brings, as servers may.
    public var longestRange: Int?
    /// Microseconds between two bytes of the body.
    public var pauseBetweenBytes: UInt32?
    /// Sent instead of everything else, head included.
    public var raw: [UInt8]?
    /// Bytes of this answer's body after which the server waits for ``LoopbackServer/resume()``.
    public var pauseAfter: Int?

    public init(status: Int = 200, body: [UInt8] = []) {
      self.status = status
      self.body = body
    }

    public static func ok(_ body: [UInt8]) -> Response { Response(body: body) }
    public static func status(_ status: Int) -> Response { Response(status: status) }
  }

  public let port: UInt16
  private let listener: Int32
  private let respond: @Sendable (Request) -> Response
  private let state = Mutex(State())

  private struct State {
    var requests: [Request] = []
    var mayResume = false
    var isStopped = false
  }

  public struct CannotStart: Error { public let code: Int32 }

  public init(respond: @escaping @Sendable (Request) -> Response) throws {
    signal(SIGPIPE, SIG_IGN)
    self.respond = respond
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, pointer, &length) == 0
      }
    }
    guard isListening else { throw CannotStart(code: errno) }
    self.listener = listener
    port = UInt16(bigEndian: address.sin_port)
    detach { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else {
          close(listener)
          return
        }
        guard let self else {
          close(connection)
          return
        }
        detach { self.serve(connection) }
      }
    }
  }

  deinit { stop() }

  /// `http://127.0.0.1:<port>`.
  public var url: String { "http://127.0.0.1:\(port)" }

  /// What was asked, in order.
  public var requests: [Request] { state.withLock { $0.requests } }

  /// Lets paused answers, and those to come, go on.
  public func resume() { state.withLock { $0.mayResume = true } }

  /// Refuses connections from now on.
  public func stop() {
    let isFirst = state.withLock { state in
      defer { (state.isStopped, state.mayResume) = (true, true) }
      return !state.isStopped
    }
    // The thread that accepts notices, and closes it.
    if isFirst { shutdown(listener, Int32(SHUT_RDWR)) }
  }
}

// MARK: - One connection

extension LoopbackServer {
  private func serve(_ connection: Int32) {
    defer { close(connection) }
    guard let head = readHead(connection) else { return }
    let body = readBody(connection, Request(head: head, body: "", number: 0).headers["content-length"])
    let request = state.withLock { state in
      let request = Request(head: head, body: body, number: state.requests.count)
      state.requests.append(request)
      return request
    }
    send(respond(request), to: request, over: connection)
  }

  private func readHead(_ connection: Int32) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < 1 << 16, recv(connection, &byte, 1, 0) == 1 {
      bytes.append(byte)
      // Who begins with a handshake of TLS is answered in plain words, as by other servers.
      if bytes == [0x16] {
        _ = sendAll(
          Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8)[...], over: connection)
        return nil
      }
      if bytes.suffix(4) == [13, 10, 13, 10] { return String(decoding: bytes, as: UTF8.self) }
    }
    return nil
  }

  private func readBody(_ connection: Int32, _ length: String?) -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < min(length.flatMap { Int($0) } ?? 0, 1 << 16), recv(connection, &byte, 1, 0) == 1 {
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func send(_ response: Response, to request: Request, over connection: Int32) {
    if let raw = response.raw {
      _ = sendAll(raw[...], over: connection)
      return
    }
    var status = response.status
    var headers = response.headers
    var body = response.body[...]
    if status == 200, response.honoursRange, let start = request.rangeStart {
      let isCurrent =
        response.ignoresIfRange
        || request.headers["if-range"].map { $0 == headers["ETag"] || $0 == headers["Last-Modified"] } ?? true
      if isCurrent, start < body.count {
        status = 206
        let end = min(body.count, start + (response.longestRange ?? body.count))
        headers["Content-Range"] = "bytes \(start)-\(end - 1)/\(body.count)"
        body = body[start..<end]
      } else if isCurrent {
        status = 416
        headers["Content-Range"] = "bytes */\(body.count)"
        body = []
      }
    }
    if response.announcesLength { headers["Content-Length"] = "\(body.count)" }
    headers["Connection"] = "close"
    let head = headers.sorted { $0.key < $1.key }.map { "\($0): \($1)\r\n" }.joined()
    let start = Array("HTTP/1.1 \(status) Answer\r\n\(head)\r\n".utf8)
    guard sendAll(start[...], over: connection) else { return }
    if let pause = response.pauseAfter, pause < body.count {
      guard sendAll(body.prefix(pause), over: connection) else { return }
      body = body.dropFirst(pause)
      while !state.withLock({ $0.mayResume }) { usleep(2000) }
    }
    body = body.prefix(response.cutAfter ?? body.count)
    if let pause = response.pauseBetweenBytes {
      for index in body.indices {
        guard sendAll(body[index...index], over: connection) else { return }
        usleep(pause)
      }
    } else {
      _ = sendAll(body, over: connection)
    }
  }

  private func sendAll(_ bytes: ArraySlice<UInt8>, over connection: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

extension LoopbackServer.Request {
  fileprivate init(head: String, body: String, number: Int) {
    let lines = head.split(whereSeparator: \.isNewline)
    let words = lines.first?.split(separator: " ") ?? []
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    self.init(
      method: words.first.map(String.init) ?? "", path: words.dropFirst().first.map(String.init) ?? "",
      headers: headers, body: body, number: number)
  }
}

/// Runs `body` on a thread of its own.
private func detach(_ body: @escaping @Sendable () -> Void) {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(body))
  let code = pthread_create(
    &thread, nil,
    { argument in
      if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
      return nil
    }, box.toOpaque())
  if code == 0 { pthread_detach(thread) } else { box.release() }
}

/// How nodes greet each other: the keeper of the store sends a number that nobody has seen, whoever comes answers with
/// its place in the group and the code of both, and the keeper proves that it knows the secret, too.
///
/// The secret itself is never sent. What is said afterwards is authenticated, not hidden.
enum Greeting {
  static let magic = Array("keras nodes 1\n\0\0".utf8)
  static let nonceCount = 32
  static let codeCount = 32
  static let helloCount = magic.count + nonceCount
  static let claimCount = 4 + 16 + codeCount + nonceCount + codeCount
  static let answerCount = 1 + codeCount

  enum Answer: UInt8 {
    case welcome, wrongSecret, otherGroup, taken
  }

  static func nonce(_ count: Int = nonceCount) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }
}

/// Who comes.
struct NodeClaim {
  let number: Int
  /// Tells the process from another that says it is the same node.
  let incarnation: [UInt8]
  /// The code of all addresses.
  let roster: [UInt8]
  let nonce: [UInt8]

  private var fields: [UInt8] { bytes(UInt32(number)) + incarnation + roster + nonce }

  init(_ group: NodeGroup, incarnation: [UInt8]) {
    (number, self.incarnation, roster, nonce) = (group.number, incarnation, group.roster, Greeting.nonce())
  }

  /// What was received, of ``Greeting/claimCount`` bytes.
  init(_ received: [UInt8]) {
    number = Int(received.number32(at: 0))
    incarnation = Array(received[4..<20])
    roster = Array(received[20..<52])
    nonce = Array(received[52..<84])
  }

  func sealed(_ secret: NodeSecret, hello: [UInt8]) -> [UInt8] {
    fields + secret.code("claim", hello, fields)
  }

  func isSealed(_ received: [UInt8], _ secret: NodeSecret, hello: [UInt8]) -> Bool {
    isSameCode(received.suffix(Greeting.codeCount), secret.code("claim", hello, fields))
  }

  func answer(_ answer: Greeting.Answer, _ secret: NodeSecret, hello: [UInt8]) -> [UInt8] {
    [answer.rawValue] + secret.code("answer", hello, fields, [answer.rawValue])
  }

  /// For what is said after the greeting.
  func key(_ secret: NodeSecret, hello: [UInt8]) -> [UInt8] { secret.code("session", hello, fields) }
}

/// What is said one way on a connection: length (4 bytes), body, code (32). Each body is numbered in its code, so none is
/// left out, repeated or turned round.
struct FrameSeal {
  private let key: [UInt8]
  private let direction: UInt8
  private var number: UInt64 = 0

  enum Direction: UInt8 { case toKeeper, fromKeeper }

  init(key: [UInt8], _ direction: Direction) { (self.key, self.direction) = (key, direction.rawValue) }

  private mutating func code(_ body: some Collection<UInt8>) -> [UInt8] {
    defer { number += 1 }
    return authenticationCode(key: key, [direction] + bytes(number) + body)
  }

  mutating func sealed(_ body: [UInt8]) -> [UInt8] { bytes(UInt32(body.count)) + body + code(body) }

  /// Whether a received body and code are the next ones.
  mutating func opens(_ body: some Collection<UInt8>, _ code: some Collection<UInt8>) -> Bool {
    isSameCode(code, self.code(body))
  }
}

/// What a node asks of the store.
struct StoreRequest: Hashable {
  enum Kind: UInt8 { case put, get, tryGet }
  let kind: Kind
  let key: [UInt8]
  var value: [UInt8] = []
  /// How long a `get` waits.
  var milliseconds: UInt32 = 0

  static let largestKey = 4096
  static let largestValue = 8 << 20
  static let largestBody = 9 + largestKey + largestValue

  var body: [UInt8] { [kind.rawValue] + bytes(milliseconds) + bytes(UInt32(key.count)) + key + value }

  init(_ kind: Kind, _ key: [UInt8], value: [UInt8] = [], milliseconds: UInt32 = 0) {
    (self.kind, self.key, self.value, self.milliseconds) = (kind, key, value, milliseconds)
  }

  /// Nil for what is no request.
  init?(_ body: [UInt8]) {
    guard body.count >= 9, let kind = Kind(rawValue: body[0]) else { return nil }
    let keyCount = Int(body.number32(at: 5))
    guard (1...Self.largestKey).contains(keyCount), body.count >= 9 + keyCount else { return nil }
    self.kind = kind
    milliseconds = body.number32(at: 1)
    key = Array(body[9..<9 + keyCount])
    value = Array(body[(9 + keyCount)...])
    guard value.count <= Self.largestValue, kind == .put || value.isEmpty else { return nil }
  }
}

/// How the store answers: this byte, and the value behind it.
enum StoreAnswer: UInt8 {
  case fine, notFound, late, full
}

func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}

extension [UInt8] {
  func number32(at place: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(self[place + $1]) << (8 * UInt32($1)) }
  }
}

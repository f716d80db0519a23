import CCrypto
import Glibc
import KerasGraph

/// What the nodes of a group know and nobody else: who does not is not let in.
struct NodeSecret: Sendable {
  let bytes: [UInt8]
  static let leastByteCount = 16
  private static let largestFile = 4096

  /// - Throws: `invalidArgument` for one that is too short.
  init(_ text: String) throws(KerasError) {
    bytes = Array(text.utf8)
    guard bytes.count >= Self.leastByteCount else {
      throw KerasError(
        .invalidArgument,
        "The secret of the nodes has \(bytes.count) bytes; at least \(Self.leastByteCount) are wanted.",
        remedy: "make one as by `openssl rand -hex 32`, the same on every node.")
    }
  }

  /// What `KERAS_NODES_SECRET` holds, or else the file that `KERAS_NODES_SECRET_FILE` names, or `~/.keras/nodes.secret`.
  ///
  /// - Throws: `invalidArgument` without any, for one that is too short, and for a file that others may read.
  static func found(environment: @escaping Environment = processEnvironment) throws(KerasError) -> NodeSecret
  {
    if let text = environment("KERAS_NODES_SECRET") {
      return try within("KERAS_NODES_SECRET") { () throws(KerasError) in try NodeSecret(text) }
    }
    let path =
      environment("KERAS_NODES_SECRET_FILE").map { absolutePath($0, home: homeOfUser(environment)) }
      ?? joined(KerasHome(environment: environment).path, "nodes.secret")
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw KerasError(
        .invalidArgument, "The nodes have no secret in common: there is no KERAS_NODES_SECRET, and no file.",
        path: [path],
        remedy: "`openssl rand -hex 32 > \(path)`, `chmod 600 \(path)`, and copy it to every node.")
    }
    return try within(path) { () throws(KerasError) in
      guard status.st_mode & 0o077 == 0 else {
        throw KerasError(
          .invalidArgument, "Others than its owner may use the secret of the nodes.",
          remedy: "chmod 600 \(path)")
      }
      let text = String(decoding: try readFile(path, atMost: largestFile), as: UTF8.self)
      return try NodeSecret(
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()))
    }
  }

  /// The code (HMAC-SHA-256) of some bytes, which nobody makes without the secret.
  ///
  /// - Parameter purpose: so that the code of one message is not another's.
  func code(_ purpose: String, _ parts: [UInt8]...) -> [UInt8] {
    authenticationCode(key: bytes, Array(purpose.utf8) + [0] + parts.flatMap { $0 })
  }
}

/// HMAC-SHA-256.
func authenticationCode(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
  var code = [UInt8](repeating: 0, count: 32)
  var count = 0
  let made = EVP_Q_mac(
    nil, "HMAC", nil, "SHA256", nil, key, key.count, message, message.count, &code, code.count, &count)
  // Without memory for it there is no code, and none fits.
  return made != nil && count == 32 ? code : []
}

/// Whether two codes are the same, in a time that does not tell where they differ. Codes that could not be made are not.
func isSameCode(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
  guard one.count == 32, other.count == 32 else { return false }
  return zip(one, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}

import KerasCore
import KerasStore

/// Sends the numbers of every epoch to a server, as JSON: `{"epoch": 0, "accuracy": 0.9, "loss": 0.3}`.
///
/// ```swift
/// let monitor = RemoteMonitor("http://localhost:9000")
/// ```
/// By HTTP's POST: as a field of a form, or as the whole message. Training goes on where nobody answers; a warning says
/// so once.
public final class RemoteMonitor: Callback {
  private let address: String
  private let field: String
  private let headers: [String: String]
  private let sendsJSON: Bool
  private var isWarned = false
  /// Seconds that an answer may take.
  private static let patience = 10

  /// - Parameters:
  ///   - root: of the server: `http` or `https`, host and port.
  ///   - path: behind it.
  ///   - field: of the form.
  ///   - headers: sent with every request, such as `Authorization`.
  ///   - sendsJSON: whether the message is JSON and no form.
  public init(
    _ root: String = "http://localhost:9000", path: String = "/publish/epoch/end/", field: String = "data",
    headers: [String: String] = [:], sendsJSON: Bool = false
  ) {
    address = root + path
    self.field = field
    self.headers = headers
    self.sendsJSON = sendsJSON
  }

  public override func trainBegan() { isWarned = false }

  public override func epochEnded(_ epoch: Int, _ logs: inout Logs) throws {
    var sent: JSONObject = ["epoch": .integer(epoch)]
    for name in logs.names { sent[name] = .number(logs[name] ?? .nan) }
    try send(JSON.object(sent).text())
  }

  private func send(_ text: String) throws(KerasError) {
    let type = sendsJSON ? "application/json" : "application/x-www-form-urlencoded"
    let all = headers.merging(["Content-Type": type]) { given, _ in given }
    let lines = all.keys.sorted().map { "\($0): \(all[$0] ?? "")" }
    let body = sendsJSON ? text : "\(Self.encoded(field))=\(Self.encoded(text))"
    let status: Int
    do throws(KerasError) {
      status = try post(Array(body.utf8), to: address, headers: lines, timeout: Self.patience)
    } catch {
      guard error.kind == .network else { throw error }
      return warn(error.what)
    }
    if !(200..<300).contains(status) { warn("it answers with status \(status).") }
  }

  private func warn(_ reason: String) {
    if !isWarned {
      Warnings.report("The numbers of the epoch were not taken by \(withoutSecrets(address).escaped): \(reason)")
    }
    isWarned = true
  }

  /// As forms have it: letters and digits as they are, of others the bytes.
  private static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let plain = Set("-_.~".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        bytes.append(byte)
      case _ where plain.contains(byte): bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

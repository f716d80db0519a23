import KerasCore

/// Writes the numbers of every epoch as a line of comma-separated values.
public final class CSVLogger: Callback {
  private let path: String
  private let separator: String
  private let appends: Bool
  /// Longer logs are not read.
  static let longestFile = 1 << 28
  private var names: [String]?
  private var text: [UInt8] = []

  /// - Parameter appends: whether an existing file is gone on with; else it is replaced.
  public init(_ path: String, separator: String = ",", appends: Bool = false) {
    self.path = path
    self.separator = separator
    self.appends = appends
  }

  public override func trainBegan() throws {
    names = nil
    text = []
    guard appends else { return }
    do throws(KerasError) {
      text = try readFile(path, atMost: Self.longestFile)
    } catch  where error.kind == .fileNotFound {}
  }

  public override func epochEnded(_ epoch: Int, _ logs: inout Logs) throws {
    if names == nil {
      var found = logs.names
      // Validation may come in later epochs alone.
      if !found.contains(where: { $0.hasPrefix("val_") }) { found += found.map { "val_" + $0 } }
      names = found
      if text.isEmpty { add(["epoch"] + found) }
    }
    add(["\(epoch)"] + (names ?? []).map { logs[$0].map { "\($0)" } ?? "NA" })
    // Written beside and renamed, so that a reader always finds whole lines.
    try writeFile(at: path) { (file) throws(KerasError) in try file.append(text) }
  }

  public override func savedState() -> [String: Tensor] {
    var state = ["text": Tensor(text)]
    state["names"] = names.map { Tensor(Array($0.joined(separator: "\n").utf8)) }
    return state
  }

  public override func restore(_ state: [String: Tensor]) {
    names = state["names"].map {
      String(decoding: $0.scalars(as: UInt8.self), as: UTF8.self).split(separator: "\n").map(String.init)
    }
    text = state["text"]?.scalars() ?? text
  }

  private func add(_ fields: [String]) {
    let quoted = fields.map { field in
      field.contains(separator) || field.contains("\"") || field.contains("\n")
        ? "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
          + "\"" : field
    }
    text += Array((quoted.joined(separator: separator) + "\n").utf8)
  }
}

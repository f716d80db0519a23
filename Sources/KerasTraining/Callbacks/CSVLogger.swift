import KerasCore

/// Writes the numbers of every epoch as a line of comma-separated values.
public final class CSVLogger: Callback {
  private let path: String
  private let separator: String
  private let appends: Bool
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
    text = appends ? (try contents(ofSmallFile: path) ?? []) : []
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

  private func add(_ fields: [String]) {
    let quoted = fields.map { field in
      field.contains(separator) || field.contains("\"") || field.contains("\n")
        ? "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
          + "\"" : field
    }
    text += Array((quoted.joined(separator: separator) + "\n").utf8)
  }
}

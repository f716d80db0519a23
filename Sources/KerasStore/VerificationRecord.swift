import KerasCore
import KerasWeights

/// Remembers that a file was checked, so that half a gigabyte is not read at every start.
///
/// `.<name>.verified` beside the file holds one line: size, inode, times of last modification and change, and
/// what was found. While the file system still says the same of the file, the file is trusted; whoever writes to
/// it changes the times. Deleting the record only costs one more check.
struct VerificationRecord {
  /// How a file was found to be right.
  enum Evidence: Equatable {
    /// It has the published hash.
    case published(FileHash)
    /// No hash is published; this is the one it had when it was fetched.
    case fetched(FileHash)
    /// No hash is published, nor was the file fetched by the store; it is whole.
    case structure
  }

  let path: String

  init(forFile path: String) {
    let folder = parentFolder(path) ?? "."
    self.path = joined(folder, ".\(path.dropFirst(folder == "/" ? 1 : folder.count + 1)).verified")
  }

  static let suffix = ".verified"

  /// What was found of the file when it was last checked.
  var evidence: Evidence? { parsed?.evidence }

  /// What was found of the file when it was last checked, and whether it is still the same file.
  func read(for status: FileStatus) -> (evidence: Evidence, isUnchanged: Bool)? {
    parsed.map { ($0.evidence, $0.line == text(status, $0.evidence)) }
  }

  private var parsed: (line: String, evidence: Evidence)? {
    guard let bytes = try? contents(ofSmallFile: path), bytes.last == UInt8(ascii: "\n") else { return nil }
    let line = String(decoding: bytes.dropLast(), as: UTF8.self)
    let words = line.split(separator: " ", maxSplits: 4)
    guard words.count == 5, let evidence = Evidence(text: words[4]) else { return nil }
    return (line, evidence)
  }

  /// A record that cannot be written is no error: the next start checks again.
  func write(_ status: FileStatus, _ evidence: Evidence) {
    replaceSmallFile(path, with: text(status, evidence) + "\n")
  }

  private func text(_ status: FileStatus, _ evidence: Evidence) -> String {
    "\(status.byteCount) \(status.inode) \(status.modified) \(status.changed) \(evidence.text)"
  }
}

extension VerificationRecord.Evidence {
  fileprivate var text: String {
    switch self {
    case .published(let hash): "\(hash)"
    case .fetched(let hash): "fetched \(hash)"
    case .structure: "whole"
    }
  }

  fileprivate init?(text: Substring) {
    if text == "whole" {
      self = .structure
      return
    }
    let words = text.split(separator: " ")
    guard let digits = words.last, words.count == 2 || words.count == 3 && words[0] == "fetched",
      let algorithm = FileHash.Algorithm(rawValue: String(words[words.count - 2])),
      digits.count == algorithm.digitCount
    else { return nil }
    let hash = FileHash(algorithm, String(digits))
    self = words.count == 3 ? .fetched(hash) : .published(hash)
  }
}

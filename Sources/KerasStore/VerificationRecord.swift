import KerasCore
import KerasWeights

/// Remembers that a file's hash was checked, so that half a gigabyte is not read at every start.
///
/// `.<name>.verified` beside the file holds one line: size, inode, times of last modification and change,
/// and the hash. While the file system still says the same of the file, the file is trusted; whoever
/// writes to it changes the times. Deleting the record only costs one more check.
struct VerificationRecord {
  let path: String

  init(forFile path: String) {
    let folder = parentFolder(path) ?? "."
    self.path = joined(folder, ".\(path.dropFirst(folder == "/" ? 1 : folder.count + 1)).verified")
  }

  static let suffix = ".verified"

  func matches(_ status: FileStatus, _ hash: FileHash) -> Bool {
    guard let bytes = try? contents(ofSmallFile: path) else { return false }
    return String(decoding: bytes, as: UTF8.self) == line(status, hash)
  }

  /// A record that cannot be written is no error: the next start checks again.
  func write(_ status: FileStatus, _ hash: FileHash) {
    replaceSmallFile(path, with: line(status, hash))
  }

  private func line(_ status: FileStatus, _ hash: FileHash) -> String {
    "\(status.byteCount) \(status.inode) \(status.modified) \(status.changed) \(hash)\n"
  }
}

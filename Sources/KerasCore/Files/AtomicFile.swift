import Glibc

/// Writes a file so that `path` holds either what it held before or all of the new contents.
///
/// The bytes go to a file beside it, which is flushed to the disk and then renamed; on failure it is removed.
///
/// - Throws: `fileAccess` when the folder is missing, forbidden or full; what `body` throws.
package func writeFile(
  at path: String, _ body: (FileInProgress) throws(KerasError) -> Void
) throws(KerasError) {
  let file = try FileInProgress(path)
  try body(file)
  try file.complete()
}

/// A file that is being written beside the place where it will be.
package final class FileInProgress {
  /// Bytes written so far.
  package private(set) var byteCount = 0
  private let path: String
  private let draft: String
  private let descriptor: Int32
  private var isComplete = false

  fileprivate init(_ path: String) throws(KerasError) {
    self.path = path
    draft = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).part"
    descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw cannotWrite(path, errno) }
  }

  package func append(_ bytes: UnsafeRawBufferPointer) throws(KerasError) {
    guard writeAll(bytes, to: descriptor) else { throw cannotWrite(path, errno) }
    byteCount += bytes.count
  }

  package func append(_ bytes: [UInt8]) throws(KerasError) {
    var failure: KerasError?
    bytes.withUnsafeBytes { bytes in
      do throws(KerasError) { try append(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  fileprivate func complete() throws(KerasError) {
    guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw cannotWrite(path, errno) }
    isComplete = true
    flushFolder(of: path)
  }

  deinit {
    close(descriptor)
    if !isComplete { unlink(draft) }
  }
}

/// Writes all the bytes to an open file.
///
/// - Returns: whether the system did; else `errno` explains.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
  var written = 0
  while written < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
    let step = write(file, rest.baseAddress, rest.count)
    if step == 0 { errno = ENOSPC }
    if step > 0 { written += step } else if errno != EINTR { return false }
  }
  return true
}

/// Makes the renaming last through a loss of power; not every file system can.
private func flushFolder(of path: String) {
  let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  fsync(descriptor)
  close(descriptor)
}

package func cannotWrite(_ path: String, _ code: Int32) -> KerasError {
  KerasError(
    .fileAccess, "Cannot write \(path.escaped): \(systemMessage(code)).",
    remedy: "choose a folder that exists, may be written and has room.")
}

import Glibc
import KerasCore

/// Writes a file so that `path` holds either what it held before or all of the new contents.
///
/// The bytes go to a file beside it, which is flushed to the disk and then renamed; on failure it is removed.
///
/// - Parameter body: gets a function that appends bytes.
/// - Throws: `fileAccess` when the folder is missing, forbidden or full; what `body` throws.
package func writeFile(
  at path: String,
  _ body: (_ append: (UnsafeRawBufferPointer) throws(KerasError) -> Void) throws(KerasError) -> Void
) throws(KerasError) {
  let draft = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).part"
  let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  guard file >= 0 else { throw cannotWrite(path, errno) }
  do throws(KerasError) {
    defer { close(file) }
    try body { (bytes) throws(KerasError) in try append(bytes, to: file, path) }
    guard fsync(file) == 0 else { throw cannotWrite(path, errno) }
  } catch {
    unlink(draft)
    throw error
  }
  guard rename(draft, path) == 0 else {
    let failure = errno
    unlink(draft)
    throw cannotWrite(path, failure)
  }
  flushFolder(of: path)
}

private func append(
  _ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String
) throws(KerasError) {
  var written = 0
  while written < bytes.count {
    let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
    let step = write(file, rest.baseAddress, rest.count)
    if step > 0 {
      written += step
    } else if step == 0 || errno != EINTR {
      throw cannotWrite(path, step == 0 ? ENOSPC : errno)
    }
  }
}

/// Makes the renaming last through a loss of power; not every file system can.
private func flushFolder(of path: String) {
  let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  fsync(descriptor)
  close(descriptor)
}

func cannotWrite(_ path: String, _ code: Int32) -> KerasError {
  KerasError(
    .fileAccess, "Cannot write \(path.escaped): \(String(cString: strerror(code))).",
    remedy: "choose a folder that exists, may be written and has room.")
}

import Glibc

/// The bytes of a file.
///
/// A folder, a device or a pipe is none; nothing is waited for.
///
/// - Throws: `fileNotFound`; `fileAccess` when it cannot be read; `invalidFile` when it is no file or has more than
///   `limit` bytes.
package func readFile(_ path: String, atMost limit: Int) throws(KerasError) -> [UInt8] {
  // Without O_NONBLOCK opening a pipe would wait for somebody to write into it.
  let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard file >= 0 else { throw cannotRead(path, errno) }
  defer { close(file) }
  var status = stat()
  guard fstat(file, &status) == 0 else { throw cannotRead(path, errno) }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw KerasError(.invalidFile, "Expected a file, found a folder, a device or a pipe.")
  }
  guard status.st_size <= limit else { throw tooLarge(limit) }
  var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
  let count = bytes.withUnsafeMutableBytes { readAll(file, into: $0) }
  guard count >= 0 else { throw cannotRead(path, errno) }
  // Somebody is still writing it.
  guard count < bytes.count else { throw tooLarge(Int(status.st_size)) }
  bytes.removeLast(bytes.count - count)
  return bytes
}

/// The bytes of a file of at most 64 KB; nil when there is none. Throws as ``readFile(_:atMost:)``.
package func contents(ofSmallFile path: String) throws(KerasError) -> [UInt8]? {
  do throws(KerasError) {
    return try readFile(path, atMost: 1 << 16)
  } catch where error.kind == .fileNotFound {
    return nil
  }
}

/// Reads until the buffer is full or the file ends.
///
/// - Returns: how many bytes there were; -1 when the system failed, which `errno` explains.
package func readAll(_ file: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
  var count = 0
  while count < buffer.count {
    let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
    let step = read(file, rest.baseAddress, rest.count)
    if step == 0 { break }
    if step > 0 { count += step } else if errno != EINTR { return -1 }
  }
  return count
}

// MARK: - Wording

package func systemMessage(_ code: Int32) -> String {
  switch code {
  case ENOSPC, EDQUOT: "the disk is full"
  case EROFS: "the file system is read-only"
  case EACCES, EPERM: "permission denied"
  case ENOTDIR, EEXIST: "a file stands where a folder should be"
  default: String(cString: strerror(code))
  }
}

package func cannotRead(_ path: String, _ code: Int32) -> KerasError {
  code == ENOENT
    ? KerasError(.fileNotFound, "There is no file \(path.escaped).", remedy: "check the path.")
    : KerasError(.fileAccess, "Cannot read \(path.escaped): \(systemMessage(code)).")
}

private func tooLarge(_ limit: Int) -> KerasError {
  KerasError(.invalidFile, "Expected at most \(limit) bytes, found more.")
}

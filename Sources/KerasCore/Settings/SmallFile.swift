import Glibc

/// The bytes of a file of at most 64 KB; nil when there is none.
package func contents(ofSmallFile path: String) throws(KerasError) -> [UInt8]? {
  let limit = 1 << 16
  let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard file >= 0 else {
    if errno == ENOENT { return nil }
    throw cannotRead(path, errno)
  }
  defer { close(file) }
  var bytes = [UInt8](repeating: 0, count: limit + 1)
  var count = 0
  while count < bytes.count {
    let added = bytes.withUnsafeMutableBytes { buffer in
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      return read(file, rest.baseAddress, rest.count)
    }
    guard added >= 0 else { throw cannotRead(path, errno) }
    if added == 0 { break }
    count += added
  }
  guard count <= limit else {
    throw KerasError(.invalidFile, "Expected at most \(limit) bytes, found more.")
  }
  return Array(bytes[..<count])
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
  KerasError(.fileAccess, "Cannot read \(path): \(systemMessage(code)).")
}

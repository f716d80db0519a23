import Glibc
import KerasCore

/// Copies a file of this machine into the partial file, from its beginning.
///
/// Not by libcurl, which would wait for ever to open a pipe.
func copyLocalFile(
  _ path: String, into part: PartialFile, onReceived: (_ byteCount: Int, _ total: Int?) -> Void
) throws(TransferFailure) {
  let source = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard source >= 0 else {
    let isMissing = errno == ENOENT || errno == ENOTDIR
    throw .refused(
      reason: isMissing ? "there is no such file" : "it cannot be read (\(systemMessage(errno)))",
      isMissing: isMissing)
  }
  defer { close(source) }
  guard let status = FileStatus(descriptor: source), status.isRegular else {
    throw .refused(reason: "it is not a file but a folder, a pipe or a device", isMissing: false)
  }
  do throws(KerasError) {
    try part.restart()
    try part.requireRoom(for: status.byteCount)
  } catch {
    throw .local(error)
  }
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
  defer { buffer.deallocate() }
  while true {
    let count = read(source, buffer.baseAddress, buffer.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw .refused(reason: "it cannot be read (\(systemMessage(errno)))", isMissing: false) }
    if count == 0 { return }
    do throws(KerasError) {
      try part.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    } catch {
      throw .local(error)
    }
    onReceived(part.byteCount, status.byteCount)
  }
}

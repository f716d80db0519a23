import Glibc
import KerasCore

/// The bytes fetched so far, in `<name>.part`, and where they came from, in `<name>.part.from`.
final class PartialFile {
  /// Knowing this, a later transfer can tell whether it may go on where this one stopped.
  struct Origin: Equatable {
    let url: String
    /// The server's strong `ETag`, or else its `Last-Modified`.
    let validator: String?
    /// The size of the whole file.
    let byteCount: Int?
  }

  let path: String
  private let descriptor: Int32
  private(set) var byteCount: Int
  private(set) var origin: Origin?

  static let suffix = ".part"
  static let originSuffix = ".part.from"
  private var originPath: String { path + ".from" }

  /// Opens the file of an earlier attempt, or an empty one.
  init(path: String) throws(KerasError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw cannotWrite(path, errno) }
    byteCount = FileStatus(descriptor: descriptor)?.byteCount ?? 0
    let lines = String(decoding: (try? contents(ofSmallFile: originPath)) ?? [], as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.count >= 3 {
      origin = Origin(
        url: lines[0], validator: lines[1].isEmpty ? nil : lines[1], byteCount: Int(lines[2]))
    }
  }

  deinit { close(descriptor) }

  /// Throws the bytes away.
  func restart(from origin: Origin? = nil) throws(KerasError) {
    guard ftruncate(descriptor, 0) == 0 else { throw cannotWrite(path, errno) }
    byteCount = 0
    self.origin = origin
    if let origin {
      replaceSmallFile(
        originPath,
        with: "\(origin.url)\n\(origin.validator ?? "")\n\(origin.byteCount.map { "\($0)" } ?? "")\n")
    } else {
      unlink(originPath)
    }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(KerasError) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let count = pwrite(descriptor, start, rest.count, byteCount)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw cannotWrite(path, count < 0 ? errno : ENOSPC) }
      byteCount += count
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// - Throws: `fileAccess` when the disk has no room for `count` more bytes.
  func requireRoom(for count: Int) throws(KerasError) {
    var system = statvfs()
    guard count > 0, fstatvfs(descriptor, &system) == 0, system.f_blocks > 0 else { return }
    let blocks = geteuid() == 0 ? system.f_bfree : system.f_bavail
    let free = Int(clamping: UInt64(blocks).multipliedReportingOverflow(by: UInt64(system.f_frsize)).0)
    guard free >= count else { throw noRoom(path, needed: count, free: free) }
  }

  /// Makes the bytes survive a power cut, then gives them their name.
  func install(as finalPath: String) throws(KerasError) {
    guard fsync(descriptor) == 0 else { throw cannotWrite(path, errno) }
    try move(path, to: finalPath)
    unlink(originPath)
    syncFolder(parentFolder(finalPath) ?? ".")
  }

  /// Puts the bytes where nobody takes them for the file.
  func keepAside(as badPath: String) throws(KerasError) {
    try move(path, to: badPath)
    unlink(originPath)
  }

  /// Leaves nothing behind.
  func remove() {
    unlink(path)
    unlink(originPath)
  }
}

// MARK: - Wording

private func noRoom(_ path: String, needed: Int, free: Int) -> KerasError {
  KerasError(
    .fileAccess, "Cannot write \(path): \(needed) bytes are needed, the disk has \(free) left.",
    remedy: "make room, or set KERAS_HOME to a folder on another disk.")
}

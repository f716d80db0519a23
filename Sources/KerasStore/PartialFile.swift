import Glibc
import KerasCore
import KerasWeights

/// The bytes fetched so far, in `<name>.part`, and where they came from, in `<name>.part.from`.
///
/// The second also says how many bytes there were when it was written, and their hash: after a power cut a file
/// may have its length and yet zeros in it.
final class PartialFile {
  /// Knowing this, a later transfer can tell whether it may go on where this one stopped.
  struct Origin: Equatable {
    /// As it may be shown: the note is no place for passwords.
    let address: String
    /// What a server calls this version of the file, and no other; see ``ResponseHead/validator``.
    let validator: String?
    /// The size of the whole file.
    var byteCount: Int?
  }

  let path: String
  let descriptor: Int32
  private(set) var byteCount = 0
  private(set) var origin: Origin?
  /// Whether the bytes came in more than one answer: they may be of several versions of the file.
  private(set) var isPieced = false
  private var hash: RunningHash
  private var notedCount = 0

  static let suffix = ".part"
  static let originSuffix = ".part.from"
  private var originPath: String { path + ".from" }

  /// Opens the file of an earlier attempt, or an empty one.
  ///
  /// - Parameters:
  ///   - hasPublishedHash: Whether bytes that no note vouches for are kept; the hash will tell.
  ///   - onMovedAside: Called with the new path of a folder that stood in its place.
  init(path: String, hasPublishedHash: Bool, onMovedAside: (String) -> Void) throws(KerasError) {
    self.path = path
    hash = try RunningHash(.sha256)
    descriptor = try openOwnFile(path, onMovedAside: onMovedAside)
    // From here on, `deinit` closes it.
    try takeUp(keepingAll: hasPublishedHash)
  }

  deinit { close(descriptor) }

  /// The SHA-256 of the bytes.
  func sha256() throws(KerasError) -> FileHash { try hash.value() }

  private func takeUp(keepingAll: Bool) throws(KerasError) {
    let status = FileStatus(descriptor: descriptor)
    let present = status?.byteCount ?? 0
    // Without a hash, only bytes that this user wrote are gone on with.
    let isOwn = status?.isPrivate == true && FileStatus(named: originPath)?.isPrivate == true
    let note = keepingAll || isOwn ? Note(atPath: originPath) : nil
    var isGood = note != nil
    if let note {
      let found = try hash.update(readingFrom: descriptor, 0..<note.byteCount, named: path)
      let digits = try hash.value().digits
      isGood = found == note.byteCount && digits == note.digits
      if isGood { (origin, byteCount, notedCount) = (note.origin, found, found) }
    }
    // A note of an unknown kind may even hold a password.
    guard isGood || note == nil && keepingAll else { return try restart() }
    if note == nil { unlink(originPath) }
    if keepingAll {
      byteCount += try hash.update(readingFrom: descriptor, byteCount..<max(byteCount, present), named: path)
    } else if ftruncate(descriptor, off_t(byteCount)) != 0 {
      throw cannotWrite(path, errno)
    }
    isPieced = byteCount > 0
  }

  /// Throws the bytes away.
  func restart(from origin: Origin? = nil) throws(KerasError) {
    guard ftruncate(descriptor, 0) == 0 else { throw cannotWrite(path, errno) }
    (byteCount, notedCount, isPieced) = (0, 0, false)
    hash = try RunningHash(.sha256)
    self.origin = origin
    if origin == nil { unlink(originPath) } else { try note(force: true) }
  }

  /// The next bytes come from another answer than those before, though of the same file.
  func goOn(from origin: Origin) {
    self.origin = origin
    if byteCount > 0 { isPieced = true }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(KerasError) {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let count = pwrite(descriptor, start, rest.count, off_t(byteCount))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw cannotWrite(path, count < 0 ? errno : ENOSPC) }
      try hash.update(UnsafeRawBufferPointer(rebasing: rest[..<count]))
      byteCount += count
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Writes down how far the file has come; one that goes on later trusts no more.
  func note(force: Bool = false) throws(KerasError) {
    guard let origin, force || byteCount != notedCount else { return }
    Note(origin: origin, byteCount: byteCount, digits: try hash.value().digits).write(to: originPath)
    notedCount = byteCount
  }

  /// Makes what is here survive a power cut, before the transfer goes on or is given up.
  func sync() throws(KerasError) {
    guard fsync(descriptor) == 0 else { throw cannotWrite(path, errno) }
    try note()
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
  ///
  /// - Returns: What the file system says of the file in its place.
  func install(as finalPath: String) throws(KerasError) -> FileStatus {
    guard fsync(descriptor) == 0 else { throw cannotWrite(path, errno) }
    try requireName()
    try move(path, to: finalPath)
    unlink(originPath)
    syncFolder(parentFolder(finalPath) ?? ".")
    guard let status = FileStatus(descriptor: descriptor) else { throw cannotRead(finalPath, errno) }
    return status
  }

  /// Puts the bytes where nobody takes them for the file; wrong bytes that are kept already are not kept twice.
  ///
  /// - Returns: Where they are.
  func keepAside(forFile finalPath: String) throws(KerasError) -> String {
    try requireName()
    let badPath = finalPath + badSuffix
    if let kept = FileStatus(named: badPath), kept.isRegular, kept.byteCount == byteCount,
      try FileHash(.sha256, ofFile: badPath) == hash.value()
    {
      remove()
      return badPath
    }
    let newPath = try moveAside(path, to: badPath)
    unlink(originPath)
    return newPath
  }

  /// Leaves nothing behind.
  func remove() {
    unlink(path)
    unlink(originPath)
  }

  /// What was checked is what the descriptor shows; the name must still be its own.
  private func requireName() throws(KerasError) {
    guard let held = FileStatus(descriptor: descriptor), let named = FileStatus(named: path),
      held.isSameFile(as: named)
    else { throw wasReplaced(path) }
  }
}

// MARK: - The note

/// What `<name>.part.from` says.
private struct Note {
  let origin: PartialFile.Origin
  let byteCount: Int
  /// The SHA-256 of so many bytes.
  let digits: String

  private static let title = "keras part 2"

  init(origin: PartialFile.Origin, byteCount: Int, digits: String) {
    (self.origin, self.byteCount, self.digits) = (origin, byteCount, digits)
  }

  /// nil when there is none, or one of another kind.
  init?(atPath path: String) {
    guard let bytes = try? contents(ofSmallFile: path) else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard lines.count == 7, lines[0] == Self.title, let byteCount = Int(lines[4]), byteCount >= 0 else {
      return nil
    }
    origin = PartialFile.Origin(
      address: lines[1], validator: lines[2].isEmpty ? nil : lines[2], byteCount: Int(lines[3]))
    (self.byteCount, digits) = (byteCount, lines[5])
  }

  func write(to path: String) {
    let lines = [
      Self.title, origin.address, origin.validator ?? "", origin.byteCount.map { "\($0)" } ?? "",
      "\(byteCount)", digits, "",
    ]
    replaceSmallFile(path, with: lines.joined(separator: "\n"), mode: 0o600)
  }
}

// MARK: - Wording

private func noRoom(_ path: String, needed: Int, free: Int) -> KerasError {
  KerasError(
    .fileAccess, "Cannot write \(path.escaped): \(needed) bytes are needed, the disk has \(free) left.",
    remedy: "make room, or set KERAS_HOME to a folder on another disk.")
}

private func wasReplaced(_ path: String) -> KerasError {
  KerasError(
    .fileAccess, "Somebody put another file at \(path.escaped) while it was fetched.",
    remedy: "try again.")
}

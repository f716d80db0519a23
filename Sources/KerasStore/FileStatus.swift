import Glibc

/// What tells one state of a file from another without reading it.
struct FileStatus: Hashable {
  enum Kind: Hashable { case file, folder, link, other }

  let kind: Kind
  let byteCount: Int
  let inode: UInt64
  let device: UInt64
  /// Nanoseconds since 1970; the time of the last change of the bytes, and of anything about the file.
  let modified: Int
  let changed: Int
  /// Names the file has; 0 once all are gone.
  let linkCount: Int
  /// Whether it belongs to this user.
  let isOwn: Bool
  /// Whether it belongs to this user and nobody else can write to it.
  let isPrivate: Bool

  var isRegular: Bool { kind == .file }

  private init(_ status: stat) {
    byteCount = Int(status.st_size)
    inode = UInt64(status.st_ino)
    device = UInt64(status.st_dev)
    modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    changed = status.st_ctim.tv_sec * 1_000_000_000 + status.st_ctim.tv_nsec
    linkCount = Int(status.st_nlink)
    isOwn = status.st_uid == geteuid()
    isPrivate = isOwn && status.st_mode & 0o022 == 0
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .link
    default: kind = .other
    }
  }

  /// Of what a path leads to; nil when nothing is there, or nothing that may be looked at.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Of what has this name, be it only a link, also one that leads nowhere.
  init?(named path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  func isSameFile(as other: FileStatus) -> Bool { inode == other.inode && device == other.device }
}

import Glibc
import KerasCore

/// What tells one state of a file from another without reading it.
struct FileStatus: Hashable {
  let byteCount: Int
  let inode: UInt64
  let device: UInt64
  /// Nanoseconds since 1970; the time of the last change of the bytes, and of anything about the file.
  let modified: Int
  let changed: Int
  let isRegular: Bool

  init(_ status: stat) {
    byteCount = Int(status.st_size)
    inode = UInt64(status.st_ino)
    device = UInt64(status.st_dev)
    modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    changed = status.st_ctim.tv_sec * 1_000_000_000 + status.st_ctim.tv_nsec
    isRegular = status.st_mode & S_IFMT == S_IFREG
  }

  /// nil when nothing is there, or nothing that may be looked at.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }
}

/// Makes a folder and those above it.
func makeFolders(_ path: String) throws(KerasError) {
  if mkdir(path, 0o777) == 0 { return }
  var code = errno
  if code == ENOENT, let parent = parentFolder(path) {
    try makeFolders(parent)
    if mkdir(path, 0o777) == 0 { return }
    code = errno
  }
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
    throw cannotMakeFolder(path, code)
  }
}

/// Gives a file another name, taking the place of what has that name.
func move(_ path: String, to newPath: String) throws(KerasError) {
  guard rename(path, newPath) == 0 else { throw cannotMove(path, newPath, errno) }
}

/// Makes new names in a folder survive a power cut, where the file system can.
func syncFolder(_ path: String) {
  let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard folder >= 0 else { return }
  fsync(folder)
  close(folder)
}

/// Writes a small file beside and renames it; the old one stays when that fails.
@discardableResult
func replaceSmallFile(_ path: String, with text: String) -> Bool {
  let draft = "\(path).\(getpid())"
  let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o666)
  guard file >= 0 else { return false }
  let bytes = Array(text.utf8)
  let isWritten = write(file, bytes, bytes.count) == bytes.count
  close(file)
  guard isWritten, rename(draft, path) == 0 else {
    unlink(draft)
    return false
  }
  return true
}

/// The names in a folder, sorted; none when it is not there.
func namesInFolder(_ path: String) -> [String] {
  guard let folder = opendir(path) else { return [] }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

// MARK: - Wording

func cannotWrite(_ path: String, _ code: Int32) -> KerasError {
  KerasError(
    .fileAccess, "Cannot write \(path): \(systemMessage(code)).",
    remedy: code == ENOSPC || code == EDQUOT
      ? "make room, or set KERAS_HOME to a folder on another disk."
      : "set KERAS_HOME to a folder that can be written.")
}

private func cannotMakeFolder(_ path: String, _ code: Int32) -> KerasError {
  KerasError(
    .fileAccess, "Cannot make the folder \(path): \(systemMessage(code)).",
    remedy: "set KERAS_HOME to a folder that can be written.")
}

private func cannotMove(_ path: String, _ newPath: String, _ code: Int32) -> KerasError {
  KerasError(.fileAccess, "Cannot rename \(path) to \(newPath): \(systemMessage(code)).")
}

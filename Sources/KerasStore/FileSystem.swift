import Glibc
import KerasCore

/// Makes a folder and those above it.
package func makeFolders(_ path: String, mode: mode_t = 0o777) throws(KerasError) {
  if mkdir(path, mode) == 0 { return }
  var code = errno
  if code == ENOENT, let parent = parentFolder(path) {
    try makeFolders(parent, mode: mode)
    if mkdir(path, mode) == 0 { return }
    code = errno
  }
  guard FileStatus(path: path)?.kind == .folder else { throw cannotMakeFolder(path, code) }
}

/// Opens a file that only the store writes to, such as a lock; an empty one when there is none.
///
/// Whatever else has the name gives way. A link is removed, also a hard one (a second name of somebody's file),
/// so that what it leads to is never written to; so is a file of another user's that cannot be opened, where
/// the folder is this user's to change. A folder with something in it gets another name.
///
/// - Parameter readingSuffices: Whether a file that can be read but not written to will do.
func openOwnFile(
  _ path: String, readingSuffices: Bool = false, onMovedAside: (String) -> Void
) throws(KerasError) -> Int32 {
  let flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
  // Others may make and remove the name meanwhile, but not for ever.
  for _ in 0..<100 {
    var descriptor = open(path, O_RDWR | flags)
    if descriptor < 0, errno == EACCES, readingSuffices { descriptor = open(path, O_RDONLY | flags) }
    if descriptor < 0, errno == ENOENT {
      descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | flags, 0o644)
      if descriptor >= 0 { return descriptor }
      guard errno == EEXIST else { throw cannotWrite(path, errno) }
      continue
    }
    if descriptor >= 0 {
      if let status = FileStatus(descriptor: descriptor), status.isRegular, status.linkCount <= 1 {
        return descriptor
      }
      close(descriptor)
    } else if ![EACCES, EPERM, ELOOP, EISDIR, ENXIO, ENODEV].contains(errno) {
      throw cannotWrite(path, errno)
    }
    try giveWay(path, onMovedAside)
  }
  throw cannotWrite(path, EBUSY)
}

private func giveWay(_ path: String, _ onMovedAside: (String) -> Void) throws(KerasError) {
  if FileStatus(named: path)?.kind == .folder {
    if rmdir(path) == 0 { return }
    onMovedAside(try moveAside(path, to: path + keptSuffix))
  } else {
    guard unlink(path) == 0 || errno == ENOENT else { throw cannotWrite(path, errno) }
  }
}

/// Gives a file another name, taking the place of what has that name.
func move(_ path: String, to newPath: String) throws(KerasError) {
  guard rename(path, newPath) == 0 else { throw cannotMove(path, newPath, errno) }
}

/// Gives a file, a folder or a link the name `wanted`, or the first of `<wanted>.2`, `<wanted>.3`, … that is free.
///
/// - Returns: The new path.
func moveAside(_ path: String, to wanted: String) throws(KerasError) -> String {
  var number = 1
  while true {
    let newPath = wanted + (number == 1 ? "" : ".\(number)")
    if try takeFreeName(newPath, from: path) { return newPath }
    number += 1
  }
}

/// Whether `newPath` was free and is now the name of what was at `path`.
private func takeFreeName(_ newPath: String, from path: String) throws(KerasError) -> Bool {
  guard FileStatus(named: newPath) == nil else { return false }
  if FileStatus(named: path)?.kind == .folder {
    // A folder takes the place of an empty one, and of nothing else.
    guard mkdir(newPath, 0o700) == 0 else {
      if errno == EEXIST { return false }
      throw cannotMove(path, newPath, errno)
    }
    try move(path, to: newPath)
    return true
  }
  if link(path, newPath) == 0 {
    guard unlink(path) == 0 else { throw cannotMove(path, newPath, errno) }
    return true
  }
  if errno == EEXIST { return false }
  // Not every file system has second names, nor may every file be given one.
  try move(path, to: newPath)
  return true
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
func replaceSmallFile(_ path: String, with text: String, mode: mode_t = 0o644) -> Bool {
  // Drafts that a killed process left are found by this name.
  let draft = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max))"
  let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
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

/// The names in a folder, sorted; none when it is not there. A name that is not UTF-8 is nothing of the store's,
/// and left out: decoded, it would be another.
func namesInFolder(_ path: String) -> [String] {
  (names(inFolder: path) ?? []).filter { !$0.unicodeScalars.contains("\u{FFFD}") }.sorted()
}

// MARK: - Wording

func cannotWrite(_ path: String, _ code: Int32) -> KerasError {
  if let error = heldByAnother([path], "Cannot write \(path.escaped)", code) { return error }
  return KerasError(
    .fileAccess, "Cannot write \(path.escaped): \(systemMessage(code)).",
    remedy: code == ENOSPC || code == EDQUOT
      ? "make room, or set KERAS_HOME to a folder on another disk."
      : "set KERAS_HOME to a folder that can be written.")
}

private func cannotMakeFolder(_ path: String, _ code: Int32) -> KerasError {
  KerasError(
    .fileAccess, "Cannot make the folder \(path.escaped): \(systemMessage(code)).",
    remedy: "set KERAS_HOME to a folder that can be written.")
}

private func cannotMove(_ path: String, _ newPath: String, _ code: Int32) -> KerasError {
  let what = "Cannot rename \(path.escaped) to \(newPath.escaped)"
  return heldByAnother([path, newPath], what, code)
    ?? KerasError(
      .fileAccess, "\(what): \(systemMessage(code)).",
      remedy: "set KERAS_HOME to a folder that can be written.")
}

/// Where a folder may be written, but only owners may remove what is in it, as `/tmp`: the first of `paths` that is
/// another user's.
private func heldByAnother(_ paths: [String], _ what: String, _ code: Int32) -> KerasError? {
  guard code == EACCES || code == EPERM,
    let path = paths.first(where: {
      access(parentFolder($0) ?? ".", W_OK) == 0 && FileStatus(named: $0)?.isOwn == false
    })
  else { return nil }
  return KerasError(
    .fileAccess, "\(what): \(path.escaped) is another user's, and only its owner may remove it there.",
    remedy: "have it removed, or set KERAS_HOME to a folder of your own.")
}

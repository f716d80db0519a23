import Glibc
import KerasCore

/// A lock that one process (or thread) holds at a time and that dies with its holder.
///
/// An advisory lock on `<name>.lock`. The holder removes the file before letting go; whoever got the lock
/// of a removed file notices that another, or none, has its name, and tries again.
struct LockFile {
  private let path: String
  private let descriptor: Int32

  /// To be called once, by the holder.
  func release() {
    unlink(path)
    close(descriptor)
  }

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  /// Takes the lock if nobody holds it.
  ///
  /// - Throws: `fileAccess` when the lock file cannot be made.
  static func acquireIfFree(
    _ path: String, onMovedAside: (String) -> Void = { _ in }
  ) throws(KerasError) -> LockFile? {
    while true {
      let descriptor = try openOwnFile(path, readingSuffices: true, onMovedAside: onMovedAside)
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let code = errno
        close(descriptor)
        if code == EWOULDBLOCK { return nil }
        throw cannotLock(path, code)
      }
      let held = FileStatus(descriptor: descriptor)
      let named = FileStatus(named: path)
      guard let held, let named, held.isSameFile(as: named) else {
        close(descriptor)
        continue
      }
      // Users who share the folder must be able to open it, whatever this one hides from them elsewhere.
      fchmod(descriptor, 0o644)
      let owner = Array("\(getpid())\n".utf8)
      // The process id is only for messages; without it they are less precise.
      _ = ftruncate(descriptor, 0) == 0 && pwrite(descriptor, owner, owner.count, 0) == owner.count
      return LockFile(path: path, descriptor: descriptor)
    }
  }

  /// Waits for the lock.
  ///
  /// - Parameters:
  ///   - patience: Seconds without progress after which the wait is given up.
  ///   - progress: Anything that changes as long as the holder gets on with its work.
  ///   - onWait: Called once, with the holder's process id where it is known, before the wait.
  ///   - onMovedAside: Called with the new path of a folder that stood in the lock's place.
  static func acquire(
    _ path: String, patience: Double, progress: () -> FileStatus?, onWait: (Int?) -> Void,
    onMovedAside: (String) -> Void
  ) throws(KerasError) -> LockFile {
    if let lock = try acquireIfFree(path, onMovedAside: onMovedAside) { return lock }
    onWait(holder(of: path))
    let pause = 0.05
    var state = progress()
    var idle = 0.0
    while idle < patience {
      usleep(UInt32(pause * 1e6))
      if let lock = try acquireIfFree(path, onMovedAside: onMovedAside) { return lock }
      let newState = progress()
      idle = newState == state ? idle + pause : 0
      state = newState
    }
    throw isStuck(path, holder(of: path), patience)
  }

  private static func holder(of path: String) -> Int? {
    guard let bytes = try? contents(ofSmallFile: path) else { return nil }
    return Int(String(decoding: bytes, as: UTF8.self).filter(\.isNumber))
  }
}

// MARK: - Wording

private func cannotLock(_ path: String, _ code: Int32) -> KerasError {
  KerasError(
    .fileAccess, "Cannot lock \(path.escaped): \(systemMessage(code)).",
    remedy: "set KERAS_HOME to a folder on a file system with locks.")
}

private func isStuck(_ path: String, _ processID: Int?, _ patience: Double) -> KerasError {
  let holder = processID.map { "Process \($0)" } ?? "Another process"
  return KerasError(
    .fileAccess, "\(holder) holds \(path.escaped) and has made no progress for \(patience) seconds.",
    remedy: "end that process, then try again.")
}

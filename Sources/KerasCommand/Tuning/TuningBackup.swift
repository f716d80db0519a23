import Glibc
import Keras

/// What a run of `keras finetune` that was ended needs to go on, in a folder beside its output: which run it was, and
/// after every epoch of the thawed layers where it is. The head, whose epochs cost milliseconds, is trained anew.
///
/// One run at a time has it.
final class TuningBackup {
  let folder: String
  /// The folder, locked; nil where it is gone.
  private var descriptor: Int32?
  private var jobFile: String { joined(folder, "job.json") }

  /// - Parameter isResuming: whether what is there already is gone on with.
  /// - Throws: `invalidArgument` where that is of another run; `fileAccess`, also where another run has it.
  init(for output: String, job: JSON, isResuming: Bool) throws(KerasError) {
    folder = output + ".part"
    descriptor = try Self.lock(folder)
    if isResuming, let stored = try contents(ofSmallFile: jobFile) {
      let keys = FeatureJob.differences(try JSON(parsing: stored), job).joined(separator: ", ")
      guard keys.isEmpty else {
        throw KerasError(
          .invalidArgument, "\(folder.escaped) was begun with something else: \(keys) differ.",
          remedy: "resume with the same arguments and pictures, or leave out --resume to begin again.")
      }
      return
    }
    removeFiles()
    let text = Array((job.text() + "\n").utf8)
    try writeFile(at: jobFile) { (file) throws(KerasError) in try file.append(text) }
  }

  /// Keeps where training is.
  func keeper() -> Callback { .backupAndRestore(folder) }

  /// Removes what it has written, and the folder where nothing else is in it.
  func remove() {
    removeFiles()
    rmdir(folder)
    unlock()
  }

  private func removeFiles() {
    unlink(joined(folder, "backup.npz"))
    unlink(jobFile)
  }

  deinit { unlock() }

  private func unlock() {
    if let descriptor { close(descriptor) }
    descriptor = nil
  }

  /// Makes the folder, where it is missing, and locks it.
  private static func lock(_ folder: String) throws(KerasError) -> Int32 {
    for _ in 0..<100 {
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw cannotWrite(folder, errno) }
      let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard descriptor >= 0 else {
        // Another run has just removed it.
        if errno == ENOENT { continue }
        throw cannotWrite(folder, errno)
      }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let code = errno
        close(descriptor)
        guard code == EWOULDBLOCK else { throw cannotWrite(folder, code) }
        throw KerasError(
          .fileAccess, "\(folder.escaped) is in use: another run is making the same file.",
          remedy: "wait for it to end, or name another file with -o.")
      }
      var (held, named) = (stat(), stat())
      if fstat(descriptor, &held) == 0, stat(folder, &named) == 0, held.st_ino == named.st_ino,
        held.st_dev == named.st_dev
      {
        return descriptor
      }
      close(descriptor)
    }
    throw cannotWrite(folder, ENOENT)
  }
}

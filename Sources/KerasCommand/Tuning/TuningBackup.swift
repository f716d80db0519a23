import Glibc
import Keras

/// What a run of `keras finetune` that was ended needs to go on, in a folder beside its output: which run it was, and
/// after every epoch of the thawed layers where it is. The head, whose epochs cost milliseconds, is trained anew.
struct TuningBackup {
  let folder: String
  private var jobFile: String { joined(folder, "job.json") }

  /// - Parameter isResuming: whether what is there already is gone on with.
  /// - Throws: `invalidArgument` where that is of another run; `fileAccess`.
  init(for output: String, job: JSON, isResuming: Bool) throws(KerasError) {
    folder = output + ".part"
    if isResuming, let stored = try contents(ofSmallFile: jobFile) {
      let keys = FeatureJob.differences(try JSON(parsing: stored), job).joined(separator: ", ")
      guard keys.isEmpty else {
        throw KerasError(
          .invalidArgument, "\(folder.escaped) was begun with something else: \(keys) differ.",
          remedy: "resume with the same arguments and pictures, or leave out --resume to begin again.")
      }
      return
    }
    remove()
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw cannotWrite(folder, errno) }
    let text = Array((job.text() + "\n").utf8)
    try writeFile(at: jobFile) { (file) throws(KerasError) in try file.append(text) }
  }

  /// Keeps where training is.
  func keeper() -> Callback { .backupAndRestore(folder) }

  /// Removes what it has written, and the folder where nothing else is in it.
  func remove() {
    unlink(joined(folder, "backup.npz"))
    unlink(jobFile)
    rmdir(folder)
  }
}

import KerasCore
import KerasFiles
import KerasModels

#if canImport(Glibc)
  import Glibc
#endif

/// Keeps what a run needs to go on after each epoch, so that one that was killed goes on where it was: with weights,
/// what the optimizer keeps, the position of random numbers, the number of the epoch, the history, and what other
/// callbacks want kept (``Callback/savedState()``). Where data gives the same batches in the same epoch, the end is that
/// of a run that was not interrupted, to the bit.
///
/// The file, `backup.npz` in the folder, is written beside and renamed; it is removed when training has ended, unless a
/// callback interrupted it (``Callback/interruptTraining()``).
public final class BackupAndRestore: Callback {
  private let path: String
  private let folder: String
  private let deletesAtEnd: Bool
  private var nextEpoch: Int?
  /// The other callbacks of the run, in order.
  var others: [Callback] = []
  private var kept: [String: Tensor] = [:]

  public init(_ folder: String, deletesAtEnd: Bool = true) {
    self.folder = folder
    path = joined(folder, "backup.npz")
    self.deletesAtEnd = deletesAtEnd
  }

  package override var resumedEpoch: Int? { nextEpoch }

  public override func trainBegan() throws {
    (nextEpoch, kept) = (nil, [:])
    removeDrafts()
    guard access(path, F_OK) == 0 else {
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw cannotWrite(folder, errno) }
      return
    }
    guard let model, let trainer = model.trainer as? Trainer else { return }
    var arrays = try NumPy.loadArchive(path)
    nextEpoch = arrays.removeValue(forKey: Self.epochName)?.scalars(as: Double.self).first.map { Int($0) }
    try within(path) { () throws(KerasError) in try trainer.restore(arrays, to: model) }
    kept = arrays
  }

  /// Lets the other callbacks go on where they were; one that was not there begins anew.
  func restoreOthers() throws {
    guard nextEpoch != nil else { return }
    for (callback, prefix) in named(others) {
      let state = kept.filter { $0.key.hasPrefix(prefix) }
      guard !state.isEmpty else { continue }
      if state[prefix + Self.stopped] != nil { callback.stopTraining() }
      try callback.restore(
        Dictionary(uniqueKeysWithValues: state.map { (String($0.key.dropFirst(prefix.count)), $0.value) }))
    }
    kept = [:]
  }

  /// Callbacks and where their states stand.
  private func named(_ callbacks: [Callback]) -> [(Callback, String)] {
    callbacks.enumerated().map { ($1, "callbacks/\($0) \(type(of: $1))/") }
  }

  public override func epochEnded(_ epoch: Int, _ logs: inout Logs) throws {
    guard let model, let trainer = model.trainer as? Trainer else { return }
    var arrays = try trainer.snapshot(of: model)
    arrays[Self.epochName] = Tensor(scalar: Int64(epoch + 1))
    for (callback, prefix) in named(others) {
      for (name, tensor) in callback.savedState() { arrays[prefix + name] = tensor }
      // Who interrupts a run means to go on with it.
      if callback.wantsToStop, !callback.isInterrupting {
        arrays[prefix + Self.stopped] = Tensor(scalar: true)
      }
    }
    try NumPy.saveArchive(arrays, to: path)
  }

  public override func trainEnded(_ logs: Logs) {
    if deletesAtEnd, !isInterrupted { unlink(path) }
    others = []
  }

  /// What runs that were killed in the middle of writing left.
  private func removeDrafts() {
    for name in names(inFolder: folder) ?? [] where name.hasPrefix("backup.npz.") && name.hasSuffix(".part") {
      unlink(joined(folder, name))
    }
  }

  private static let epochName = "next_epoch"
  private static let stopped = "has_stopped"
}

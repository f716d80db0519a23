import Glibc
import KerasCore
import KerasWeights

/// A file in the cache's `models` folder.
public struct CachedFile: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// A published file, checked or not.
    case published(WeightFile)
    /// A file of another origin; the store leaves it alone.
    case other
    /// What an interrupted fetch left, to be gone on with.
    case partial
    /// What came under a wrong hash.
    case bad
  }

  public let path: String
  public let byteCount: Int
  public let kind: Kind

  public var name: String { String(path.split(separator: "/").last ?? "") }
}

/// How a file was found to be the published one.
public enum Verification: Hashable, Sendable {
  /// Its bytes have the published hash.
  case hash(FileHash)
  /// No hash is published; it is a whole HDF5 file.
  case structure
}

/// What ``WeightStore/prune(_:)`` removes.
public enum PruneScope: Hashable, Sendable {
  /// Partial and bad files, and locks nobody holds.
  case leftovers
  /// Those, and every published file, which can be fetched again.
  case everything
}

extension WeightStore {
  /// The files in the cache, in the order of their names; hidden files, locks and notes are left out.
  public func list() -> [CachedFile] {
    home.readFolders("models").flatMap { folder in
      namesInFolder(folder).compactMap { name in
        guard !name.hasPrefix("."), let kind = kind(ofFileNamed: name),
          let status = FileStatus(path: joined(folder, name)), status.isRegular
        else { return nil }
        return CachedFile(path: joined(folder, name), byteCount: status.byteCount, kind: kind)
      }
    }
  }

  /// Checks every byte of a cached file, whatever was checked before.
  ///
  /// - Throws: `fileNotFound`, `checksumMismatch` or `invalidFile`.
  public func verify(_ file: WeightFile) throws(KerasError) -> Verification {
    let remote = RemoteFile(file)
    let paths = home.readFolders(remote.subfolder).map { joined($0, remote.name) }
    guard let path = paths.first(where: { FileStatus(path: $0) != nil }) else {
      throw isNotCached(remote, placement(of: remote))
    }
    if let problem = try cachedProblem(at: path, with: remote, trustsRecord: false) {
      throw isDamaged(remote, path, problem)
    }
    return file.hash.map(Verification.hash) ?? .structure
  }

  /// Removes what is not needed; a file that another process is fetching is left alone.
  ///
  /// - Returns: What was removed, but for locks and notes.
  @discardableResult
  public func prune(_ scope: PruneScope = .leftovers) throws(KerasError) -> [CachedFile] {
    var removed: [CachedFile] = []
    for folder in home.readFolders("models") {
      let names = Set(namesInFolder(folder))
      for file in WeightCatalog.all {
        removed += try prune(file, scope, in: folder, amongNames: names)
      }
    }
    return removed
  }

  private func prune(
    _ file: WeightFile, _ scope: PruneScope, in folder: String, amongNames names: Set<String>
  ) throws(KerasError) -> [CachedFile] {
    let path = joined(folder, file.fileName)
    let record = VerificationRecord(forFile: path).path
    let removesFile = scope == .everything && names.contains(file.fileName)
    var doomed = [PartialFile.suffix, PartialFile.originSuffix, badSuffix].map { path + $0 }
    if removesFile { doomed.append(path) }
    if removesFile || !names.contains(file.fileName) { doomed.append(record) }
    doomed = doomed.filter { FileStatus(path: $0) != nil }
    guard !doomed.isEmpty || names.contains(file.fileName + lockSuffix) else { return [] }
    guard let lock = try LockFile.acquireIfFree(path + lockSuffix) else { return [] }
    defer { lock.release() }
    var removed: [CachedFile] = []
    for path in doomed {
      guard let status = FileStatus(path: path) else { continue }
      guard unlink(path) == 0 else { throw cannotRemove(path, errno) }
      let name = String(path.dropFirst(folder.count + 1))
      if path != record, let kind = kind(ofFileNamed: name) {
        removed.append(CachedFile(path: path, byteCount: status.byteCount, kind: kind))
      }
    }
    return removed
  }

  /// nil for locks and notes.
  private func kind(ofFileNamed name: String) -> CachedFile.Kind? {
    if let file = WeightCatalog.all.first(where: { $0.fileName == name }) { return .published(file) }
    if name.hasSuffix(PartialFile.suffix) { return .partial }
    if name.hasSuffix(badSuffix) { return .bad }
    if name.hasSuffix(lockSuffix) || name.hasSuffix(PartialFile.originSuffix) { return nil }
    return .other
  }
}

// MARK: - Wording

private func isNotCached(_ file: RemoteFile, _ path: String) -> KerasError {
  KerasError(
    .fileNotFound, "\(file.name) is not in the cache.",
    remedy: "fetch it, or put it at \(path).")
}

private func isDamaged(_ file: RemoteFile, _ path: String, _ problem: ContentProblem) -> KerasError {
  KerasError(
    problem.kind, "\(file.name) is not the published file: \(problem.sentence).", path: [path],
    remedy: "fetch it again.")
}

private func cannotRemove(_ path: String, _ code: Int32) -> KerasError {
  KerasError(.fileAccess, "Cannot remove \(path): \(systemMessage(code)).")
}

import Glibc
import KerasCore
import KerasWeights

/// A file in the cache's `models` folder.
public struct CachedFile: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// A published file, checked or not.
    case published(WeightFile)
    /// A file of another origin, or one that was moved aside; the store leaves it alone.
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
  /// No hash is published; it is a whole HDF5 file with the hash it had when it was fetched.
  case unchanged(FileHash)
  /// No hash is published, nor was it fetched by the store; it is a whole HDF5 file.
  case structure
}

/// What ``WeightStore/prune(_:)`` removes.
public enum PruneScope: Hashable, Sendable {
  /// Partial and bad files, and locks nobody holds.
  case leftovers
  /// Those, and every published file, which can be fetched again.
  case everything
}

/// What ``WeightStore/prune(_:)`` did.
public struct PruneOutcome: Hashable, Sendable {
  /// Something that is still there.
  public struct Remainder: Hashable, Sendable {
    public let path: String
    /// Why, half a sentence.
    public let reason: String
    /// Whether it was to be removed and could not.
    public let isFailure: Bool
  }

  /// What was removed, but for locks and notes.
  public var removed: [CachedFile] = []
  /// What was left alone because it may be somebody's own, or could not be removed.
  public var left: [Remainder] = []
}

extension WeightStore {
  /// The files in the cache, in the order of their names; hidden files, locks and notes are left out.
  public func list() -> [CachedFile] {
    home.readFolders("models").flatMap { folder in
      namesInFolder(folder).compactMap { name in
        guard !name.hasPrefix("."), let kind = kind(ofFileNamed: name),
          let status = FileStatus(path: joined(folder, name)), status.isRegular,
          isTrusted(joined(folder, name))
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
    guard let path = cachedPaths(of: remote).first else {
      throw isNotCached(remote, placement(of: remote))
    }
    if let problem = try cachedProblem(at: path, with: remote, trustsRecord: false) {
      throw isDamaged(remote, path, problem)
    }
    if let hash = file.hash { return .hash(hash) }
    if case .fetched(let hash) = evidence(ofFile: path) { return .unchanged(hash) }
    return .structure
  }

  /// Removes what is not needed; a file that another process is fetching is left alone, and so is a published
  /// file whose bytes are not known to be the published ones.
  ///
  /// Goes on where something cannot be removed.
  @discardableResult
  public func prune(_ scope: PruneScope = .leftovers) -> PruneOutcome {
    var outcome = PruneOutcome()
    for folder in home.readFolders("models") {
      let names = namesInFolder(folder)
      for file in WeightCatalog.all {
        let known = names.compactMap { name in StoreName(name, of: file.fileName).map { (name, $0) } }
        if !known.isEmpty { prune(file, scope, in: folder, known, &outcome) }
      }
    }
    return outcome
  }

  private func prune(
    _ file: WeightFile, _ scope: PruneScope, in folder: String, _ names: [(String, StoreName)],
    _ outcome: inout PruneOutcome
  ) {
    let path = joined(folder, file.fileName)
    let hasFile = names.contains { $0.1 == .file }
    let hasWork = names.contains { _, kind in
      switch kind {
      case .file: scope == .everything
      case .record: scope == .everything || !hasFile
      case .partial, .note, .draft, .bad, .lock: true
      }
    }
    guard hasWork else { return }
    let lock: LockFile
    do throws(KerasError) {
      guard let free = try LockFile.acquireIfFree(path + lockSuffix) else { return }
      lock = free
    } catch {
      outcome.left.append(.init(path: path + lockSuffix, reason: error.what, isFailure: true))
      return
    }
    defer { lock.release() }
    var isFileGone = !hasFile
    // The file comes before its record, which says whose it is.
    for (name, kind) in names.sorted(by: { $0.1.rawValue < $1.1.rawValue }) where kind != .lock {
      let path = joined(folder, name)
      switch kind {
      case .file:
        guard scope == .everything else { continue }
        if let reason = reasonToLeave(file, at: path) {
          outcome.left.append(.init(path: path, reason: reason, isFailure: false))
          continue
        }
      case .record: if !isFileGone { continue }
      case .partial, .note, .draft, .bad, .lock: break
      }
      if remove(path, kind, &outcome), kind == .file { isFileGone = true }
    }
  }

  /// Whether it is gone.
  private func remove(_ path: String, _ kind: StoreName, _ outcome: inout PruneOutcome) -> Bool {
    guard let status = FileStatus(named: path) else { return true }
    if status.kind == .folder ? rmdir(path) == 0 : unlink(path) == 0 {
      let name = String(path.split(separator: "/").last ?? "")
      if [.file, .partial, .bad].contains(kind), let kind = self.kind(ofFileNamed: name) {
        outcome.removed.append(CachedFile(path: path, byteCount: status.byteCount, kind: kind))
      }
      return true
    }
    let isFull = status.kind == .folder && (errno == ENOTEMPTY || errno == EEXIST)
    outcome.left.append(
      .init(
        path: path, reason: isFull ? "it is a folder with something in it" : systemMessage(errno),
        isFailure: !isFull))
    return false
  }

  /// Why a published file's name does not suffice to remove it; nil when its bytes are the published ones, or
  /// those that the store fetched.
  private func reasonToLeave(_ file: WeightFile, at path: String) -> String? {
    guard FileStatus(named: path)?.isRegular == true else { return "it is a link, or no file" }
    do throws(KerasError) {
      if let problem = try cachedProblem(at: path, with: RemoteFile(file)) {
        return "it may be somebody's own: \(problem.sentence)"
      }
    } catch {
      return error.what
    }
    if file.hash != nil { return nil }
    if case .fetched = evidence(ofFile: path) { return nil }
    return "it may be somebody's own: no hash is published, and the store did not fetch it"
  }

  /// nil for locks and notes.
  private func kind(ofFileNamed name: String) -> CachedFile.Kind? {
    for file in WeightCatalog.all {
      switch StoreName(name, of: file.fileName) {
      case nil: continue
      case .file: return .published(file)
      case .partial: return .partial
      case .bad: return .bad
      case .lock, .note, .draft, .record: return nil
      }
    }
    return .other
  }
}

/// What a name beside a published file's means.
private enum StoreName: Int {
  case file, record, partial, note, draft, bad, lock

  init?(_ name: String, of fileName: String) {
    let record = ".\(fileName)\(VerificationRecord.suffix)"
    if name.hasPrefix(record) {
      self.init(rest: name.dropFirst(record.count), whole: .record, numbered: .draft)
    } else if name.hasPrefix(fileName) {
      let rest = name.dropFirst(fileName.count)
      switch rest {
      case "": self = .file
      case PartialFile.suffix: self = .partial
      case lockSuffix: self = .lock
      case _ where rest.hasPrefix(PartialFile.originSuffix):
        self.init(rest: rest.dropFirst(PartialFile.originSuffix.count), whole: .note, numbered: .draft)
      case _ where rest.hasPrefix(badSuffix):
        self.init(rest: rest.dropFirst(badSuffix.count), whole: .bad, numbered: .bad)
      default: return nil
      }
    } else {
      return nil
    }
  }

  /// Nothing, or numbers with a period before each.
  private init?(rest: Substring, whole: StoreName, numbered: StoreName) {
    if rest.isEmpty {
      self = whole
    } else if rest.hasPrefix("."), rest.allSatisfy({ $0 == "." || $0.isASCII && $0.isNumber }) {
      self = numbered
    } else {
      return nil
    }
  }
}

// MARK: - Wording

private func isNotCached(_ file: RemoteFile, _ path: String) -> KerasError {
  KerasError(
    .fileNotFound, "\(file.name) is not in the cache.",
    remedy: "fetch it, or put it at \(path.escaped).")
}

private func isDamaged(_ file: RemoteFile, _ path: String, _ problem: ContentProblem) -> KerasError {
  KerasError(
    problem.kind, "\(file.name) is not the published file: \(problem.sentence).", path: [path.escaped],
    remedy: "fetch it again.")
}

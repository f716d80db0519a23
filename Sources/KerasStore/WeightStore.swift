import Glibc
import KerasCore
import KerasWeights

/// The cache of published files in Keras' folder, and the way they get there.
///
/// Safe to use from any thread and from several processes at once: a file is fetched by one of them, and
/// has its name only when it is whole and checked.
///
/// ```swift
/// let store = WeightStore()
/// let path = try store.path(for: WeightCatalog.file(for: "ResNet50"))
/// ```
public struct WeightStore: Sendable {
  public let home: KerasHome
  public let options: StoreOptions
  let onEvent: @Sendable (StoreEvent) -> Void

  /// - Parameter onEvent: Told what happens, on the thread that fetches; a ``ProgressBar`` for people. By default
  ///   what they should know is a warning: ``StoreEvent/notice``.
  public init(
    home: KerasHome = KerasHome(),
    options: StoreOptions = StoreOptions(environment: processEnvironment),
    onEvent: @escaping @Sendable (StoreEvent) -> Void = WeightStore.warn
  ) {
    self.home = home
    self.options = options
    self.onEvent = onEvent
  }

  /// Reports what a person should know as a warning: ``StoreEvent/notice``.
  @Sendable
  public static func warn(of event: StoreEvent) {
    if let notice = event.notice { Warnings.report(notice) }
  }

  /// The path of the file, fetched if it is not here yet.
  ///
  /// A file is checked once and trusted until it changes: against its published hash, or else against the one it
  /// had when it was fetched; one that was put here by hand must be whole, read to its end. A file that fails is
  /// fetched again, and what stood in its place is kept as `<name>.kept`, or `<name>.kept.2`, …
  ///
  /// - Throws: `network` when no address gives the file or the store is offline, `checksumMismatch` or
  ///   `invalidFile` when what came is not the file, `fileAccess` when the folder cannot be written.
  public func path(for file: WeightFile) throws(KerasError) -> String {
    try path(for: RemoteFile(file))
  }

  public func path(for file: RemoteFile) throws(KerasError) -> String {
    if let path = try cachedPath(for: file) { return path }
    return try fetch(file)
  }

  /// The path of the file if it is here and passes its check; never uses the network.
  public func cachedPath(for file: WeightFile) throws(KerasError) -> String? {
    try cachedPath(for: RemoteFile(file))
  }

  public func cachedPath(for file: RemoteFile) throws(KerasError) -> String? {
    for path in cachedPaths(of: file) where try cachedProblem(at: path, with: file) == nil { return path }
    return nil
  }

  /// Where the file is, good or bad, in the order in which to look.
  func cachedPaths(of file: RemoteFile) -> [String] {
    home.readFolders(file.subfolder).map { joined($0, file.name) }
      .filter { FileStatus(path: $0) != nil && isTrusted($0) }
  }

  /// Whether a file may be looked at: in the fallback only this user's own.
  func isTrusted(_ path: String) -> Bool {
    guard let fallback = home.fallbackPath, path.hasPrefix(fallback + "/") else { return true }
    guard let status = FileStatus(named: path) else { return false }
    return status.isRegular && status.isPrivate
  }

  /// Where the file would be put by hand or by ``path(for:)``.
  public func placement(of file: RemoteFile) -> String {
    joined(home.writeFolder(file.subfolder), file.name)
  }
}

// MARK: - Checking

extension WeightStore {
  /// What is wrong with a file in the cache; nil when its bytes are the published ones.
  ///
  /// - Parameter trustsRecord: Whether an earlier check of the same unchanged file will do.
  func cachedProblem(
    at path: String, with file: RemoteFile, trustsRecord: Bool = true
  ) throws(KerasError) -> ContentProblem? {
    // What is looked at is what was opened, whatever gets the name meanwhile.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return .unreadable(systemMessage(errno)) }
    defer { close(descriptor) }
    guard let status = FileStatus(descriptor: descriptor), status.isRegular else { return .notAFile }
    let record = VerificationRecord(forFile: path)
    let known = isTrusted(record.path) ? record.read(for: status) : nil
    if trustsRecord, let known, known.isUnchanged, known.evidence.suffices(for: file) { return nil }
    let evidence: VerificationRecord.Evidence
    do throws(KerasError) {
      if let problem = try problem(in: descriptor, named: path, with: file) { return problem }
      if let hash = file.hash {
        evidence = .published(hash)
      } else if case .fetched(let hash) = known?.evidence {
        let found = try FileHash(hash.algorithm, ofDescriptor: descriptor, named: path)
        guard found == hash else { return .changed(since: hash, found: found) }
        evidence = .fetched(hash)
      } else {
        evidence = .structure
      }
    } catch where error.kind == .fileAccess {
      return .unreadable(error.what)
    }
    // Whoever wrote to the file meanwhile changed its times, and the record will not match.
    if known?.isUnchanged != true || known?.evidence != evidence { record.write(status, evidence) }
    return nil
  }

  /// What the last check of a file found.
  func evidence(ofFile path: String) -> VerificationRecord.Evidence? {
    let record = VerificationRecord(forFile: path)
    return isTrusted(record.path) ? record.evidence : nil
  }

  /// What is wrong with the bytes of an open file; nil when they are, as far as can be told, the published ones.
  func problem(
    in descriptor: Int32, named path: String, with file: RemoteFile
  ) throws(KerasError) -> ContentProblem? {
    let envelope = HDF5Envelope(descriptor: descriptor)
    if let hash = file.hash {
      let found = try FileHash(hash.algorithm, ofDescriptor: descriptor, named: path)
      return found == hash
        ? nil : .wrongHash(expected: hash, found: found, isWebPage: envelope == .webPage)
    }
    switch file.format {
    case .hdf5:
      guard envelope == .whole else { return .notWhole(envelope) }
      return damage(insideHDF5: descriptor, named: path).map(ContentProblem.damaged)
    case .any:
      if envelope == .empty || envelope == .webPage { return .notWhole(envelope) }
      let found = FileStatus(descriptor: descriptor)?.byteCount ?? 0
      guard let expected = file.byteCount, expected != found else { return nil }
      return .notWhole(.wrongSize(expected: expected, found: found))
    }
  }
}

extension VerificationRecord.Evidence {
  fileprivate func suffices(for file: RemoteFile) -> Bool {
    if let hash = file.hash { self == .published(hash) } else if case .published = self { false } else { true }
  }
}

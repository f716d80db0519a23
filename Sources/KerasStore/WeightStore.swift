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

  /// - Parameter onEvent: Told what happens, on the thread that fetches; a ``ProgressBar`` for people.
  public init(
    home: KerasHome = KerasHome(),
    options: StoreOptions = StoreOptions(environment: processEnvironment),
    onEvent: @escaping @Sendable (StoreEvent) -> Void = { _ in }
  ) {
    self.home = home
    self.options = options
    self.onEvent = onEvent
  }

  /// The path of the file, fetched if it is not here yet.
  ///
  /// A file with a published hash is checked once and trusted until it changes; one without must be whole
  /// by its own account. A file that fails is fetched again, and what stood in its place is kept as
  /// `<name>.bad`.
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
    for folder in home.readFolders(file.subfolder) {
      let path = joined(folder, file.name)
      if FileStatus(path: path) != nil, try cachedProblem(at: path, with: file) == nil { return path }
    }
    return nil
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
    let record = VerificationRecord(forFile: path)
    guard let before = FileStatus(path: path) else { throw cannotRead(path, errno) }
    if trustsRecord, let hash = file.hash, record.matches(before, hash) { return nil }
    let problem = try problem(at: path, with: file)
    // Whoever wrote to the file meanwhile changed its times, and the record will not match.
    if problem == nil, let hash = file.hash { record.write(before, hash) }
    return problem
  }

  /// What is wrong with the bytes at `path`; nil when they are the published ones.
  func problem(at path: String, with file: RemoteFile) throws(KerasError) -> ContentProblem? {
    if let problem = try structuralProblem(at: path, with: file), problem == .notAFile || file.hash == nil {
      return problem
    }
    guard let hash = file.hash else { return nil }
    let found = try FileHash(hash.algorithm, ofFile: path)
    if found == hash { return nil }
    let isWebPage = HDF5Envelope(path: path) == .webPage
    return .wrongHash(expected: hash, found: found, isWebPage: isWebPage)
  }

  private func structuralProblem(
    at path: String, with file: RemoteFile
  ) throws(KerasError) -> ContentProblem? {
    guard let status = FileStatus(path: path) else { throw cannotRead(path, errno) }
    guard status.isRegular else { return .notAFile }
    guard let envelope = HDF5Envelope(path: path) else { throw cannotRead(path, errno) }
    switch file.format {
    case .hdf5: return envelope == .whole ? nil : .notWhole(envelope)
    case .any:
      if envelope == .empty || envelope == .webPage { return .notWhole(envelope) }
      guard let expected = file.byteCount, expected != status.byteCount else { return nil }
      return .notWhole(.wrongSize(expected: expected, found: status.byteCount))
    }
  }
}

import Glibc
import KerasCore
import KerasWeights

extension WeightStore {
  /// Fetches the file, or waits while another process does.
  ///
  /// - Parameter replacing: Whether a good file that is already here is fetched again; it stays in its
  ///   place until the new one is whole and checked.
  /// - Returns: The file's path.
  @discardableResult
  public func fetch(_ file: WeightFile, replacing: Bool = false) throws(KerasError) -> String {
    try fetch(RemoteFile(file), replacing: replacing)
  }

  @discardableResult
  public func fetch(_ file: RemoteFile, replacing: Bool = false) throws(KerasError) -> String {
    let path = placement(of: file)
    let shipped = file.isShipped ? WeightCatalog.shippedBytes(named: file.name) : nil
    let addresses = shipped == nil ? try options.addresses(of: file) : []
    guard shipped != nil || !addresses.isEmpty else {
      throw options.isOffline ? isOffline(file, path, try state(of: file)) : hasNoAddress(file)
    }
    do {
      try prepareFolder(for: file)
      let lock = try LockFile.acquire(
        path + lockSuffix, patience: options.lockPatience,
        progress: { FileStatus(path: path + PartialFile.suffix) },
        onWait: { onEvent(.waiting(name: file.name, processID: $0)) }, onMovedAside: tellMovedAside)
      defer { lock.release() }
      // Another process may have fetched it while this one waited.
      if !replacing, FileStatus(path: path) != nil, isTrusted(path),
        try cachedProblem(at: path, with: file) == nil
      {
        return path
      }
      if let shipped {
        try unpack(shipped, of: file, to: path)
      } else {
        try fetchHoldingLock(file, from: addresses, to: path)
      }
    } catch {
      onEvent(.failed(name: file.name))
      throw error
    }
    return path
  }

  /// Writes a file of this package's into its place.
  private func unpack(
    _ bytes: UnsafeRawBufferPointer, of file: RemoteFile, to path: String
  ) throws(KerasError) {
    let part = try PartialFile(
      path: path + PartialFile.suffix, hasPublishedHash: false, onMovedAside: tellMovedAside)
    try part.restart()
    try part.append(bytes)
    if let problem = try problem(in: part.descriptor, named: part.path, with: file) {
      part.remove()
      throw KerasError(problem.kind, problem.sentence, path: [path])
    }
    try install(part, of: file, as: path)
  }

  private func prepareFolder(for file: RemoteFile) throws(KerasError) {
    let folder = home.writeFolder(file.subfolder)
    guard !folder.unicodeScalars.contains("\u{FFFD}") else { throw isNotUTF8(folder) }
    if let objection = home.objectionToFallback(file.subfolder) { onEvent(.passedOver(reason: objection)) }
    let isFallback = home.fallbackPath.map { folder.hasPrefix($0 + "/") } ?? false
    try makeFolders(folder, mode: isFallback ? 0o700 : 0o777)
    // Somebody else may have been faster.
    guard home.writeFolder(file.subfolder) == folder else { throw isNotPrivate(folder) }
  }

  private func tellMovedAside(_ path: String) {
    onEvent(.movedAside(path: path, reason: "it stood where a file of the store's belongs"))
  }

  private func fetchHoldingLock(
    _ file: RemoteFile, from addresses: [Address], to path: String
  ) throws(KerasError) {
    var refusals: [Refusal] = []
    for address in addresses {
      if address.isSecondGuess, refusals.last?.isMissing != true { continue }
      guard let refusal = try fetch(file, from: address, to: path) else { return }
      refusals.append(refusal)
      if address != addresses.last {
        onEvent(.skipped(name: file.name, url: address.shown, reason: refusal.reason))
      }
    }
    let present = cachedPaths(of: file).first
    let problem = try present.flatMap { (path) throws(KerasError) in try cachedProblem(at: path, with: file) }
    throw cannotFetch(file, path, refusals, present: present, problem)
  }

  /// Why one address did not give the file; nil when it did, and the file is in its place.
  private func fetch(
    _ file: RemoteFile, from address: Address, to path: String
  ) throws(KerasError) -> Refusal? {
    let part = try PartialFile(
      path: path + PartialFile.suffix, hasPublishedHash: file.hash != nil, onMovedAside: tellMovedAside)
    var hasStartedOver = false
    while true {
      if let refusal = try transfer(file, from: address, into: part) {
        if part.byteCount == 0 { part.remove() }
        return refusal
      }
      onEvent(.verifying(name: file.name))
      guard let problem = try problem(in: part.descriptor, named: part.path, with: file) else {
        try install(part, of: file, as: path)
        return nil
      }
      guard part.isPieced, !hasStartedOver else {
        let badPath = try part.keepAside(forFile: path)
        return Refusal(address, problem.kind, problem.sentence, keptAt: badPath)
      }
      // Pieces of two versions, or bytes of an earlier process, may be at fault.
      hasStartedOver = true
      onEvent(.startedOver(name: file.name, reason: problem.sentence))
      try part.restart()
    }
  }

  /// Transfers until the partial file is whole, however often that takes.
  private func transfer(
    _ file: RemoteFile, from address: Address, into part: PartialFile
  ) throws(KerasError) -> Refusal? {
    var failures = 0
    var changes = 0
    var furthest = part.byteCount
    let pace = Pace(window: options.stallTimeout, leastRate: options.leastRate)
    while true {
      let reason: String
      var requested: Double?
      var isProgress = true
      do throws(TransferFailure) {
        try transferOnce(file, from: address, into: part, pace)
        onEvent(.received(name: file.name, byteCount: part.byteCount, of: part.byteCount))
        return nil
      } catch {
        switch error {
        case .local(let error):
          if part.byteCount == 0 { part.remove() } else { try? part.sync() }
          throw error
        case .refused(let reason, let isMissing):
          return Refusal(address, .network, reason, isMissing: isMissing)
        case .changed(let reason):
          changes += 1
          guard changes < options.retries.attempts else { return Refusal(address, .network, reason) }
          onEvent(.startedOver(name: file.name, reason: reason))
          furthest = 0
          continue
        case .unfinished where part.byteCount > furthest:
          (furthest, failures) = (part.byteCount, 0)
          continue
        case .unfinished(let text): reason = text
        case .slow(let text): (reason, isProgress) = (text, false)
        case .broken(let text, let seconds): (reason, requested) = (text, seconds)
        }
      }
      pace.pause()
      try part.sync()
      failures = isProgress && part.byteCount > furthest ? 1 : failures + 1
      furthest = max(furthest, part.byteCount)
      guard failures < options.retries.attempts else {
        return Refusal(address, .network, failures > 1 ? "\(reason), \(failures) times" : reason)
      }
      let seconds = options.retries.delay(after: failures, requested: requested)
      onEvent(.retrying(name: file.name, reason: reason, seconds: seconds))
      options.retries.sleep(seconds)
    }
  }

  private func transferOnce(
    _ file: RemoteFile, from address: Address, into part: PartialFile, _ pace: Pace
  ) throws(TransferFailure) {
    let ticker = Ticker()
    let onReceived = { (count: Int, total: Int?) in
      guard ticker.isDue else { return }
      // Without the note, only more has to be fetched again.
      try? part.note()
      onEvent(.received(name: file.name, byteCount: count, of: total ?? file.byteCount))
    }
    switch address.place {
    case .file(let path):
      onEvent(.started(name: file.name, url: address.shown, resumedAt: 0))
      try copyLocalFile(path, into: part, onReceived: onReceived)
    case .web(let url):
      let transfer: Transfer
      do throws(KerasError) {
        transfer = try Transfer(
          url, shownAs: address.shown, of: file, into: part, options: options, pace: pace,
          onReceived: onReceived)
      } catch {
        throw .local(error)
      }
      onEvent(.started(name: file.name, url: address.shown, resumedAt: transfer.start))
      try transfer.run()
    }
  }

  private func install(_ part: PartialFile, of file: RemoteFile, as path: String) throws(KerasError) {
    let hash = try part.sha256()
    if let reason = try reasonToKeep(path, hash, file) {
      onEvent(.movedAside(path: try moveAside(path, to: path + keptSuffix), reason: reason))
    }
    let status = try part.install(as: path)
    VerificationRecord(forFile: path).write(status, file.hash.map { .published($0) } ?? .fetched(hash))
    onEvent(.finished(name: file.name, path: path, byteCount: part.byteCount))
  }

  /// Why what has the file's name may be somebody's own and is not replaced; nil when it is nothing, the file
  /// itself, or what the store fetched earlier.
  private func reasonToKeep(
    _ path: String, _ newHash: FileHash, _ file: RemoteFile
  ) throws(KerasError) -> String? {
    guard FileStatus(named: path) != nil else { return nil }
    guard FileStatus(path: path) != nil else { return "it is a link that leads nowhere" }
    if let problem = try cachedProblem(at: path, with: file, trustsRecord: false) { return problem.sentence }
    if file.hash != nil { return nil }
    if case .fetched = evidence(ofFile: path) { return nil }
    return try FileHash(.sha256, ofFile: path) == newHash
      ? nil : "it was not fetched by the store, and may be somebody's own"
  }

  /// What offline errors say about the file in the cache; nil when there is none.
  private func state(of file: RemoteFile) throws(KerasError) -> String? {
    guard let path = cachedPaths(of: file).first else { return nil }
    return try cachedProblem(at: path, with: file).map { "in the cache is damaged: \($0.sentence)" }
      ?? "is in the cache, but cannot be fetched again"
  }
}

/// Of wrong bytes that were fetched.
let badSuffix = ".bad"
/// Of what stood in a file's place and may be somebody's own.
let keptSuffix = ".kept"
let lockSuffix = ".lock"

/// Why an address did not give the file.
private struct Refusal {
  let address: Address
  let kind: KerasError.Kind
  let reason: String
  let isMissing: Bool
  /// Where the wrong bytes are kept.
  let keptAt: String?

  init(
    _ address: Address, _ kind: KerasError.Kind, _ reason: String, isMissing: Bool = false,
    keptAt: String? = nil
  ) {
    (self.address, self.kind, self.reason) = (address, kind, reason)
    (self.isMissing, self.keptAt) = (isMissing, keptAt)
  }
}

/// Lets a tenth of a second pass between two reports.
private final class Ticker {
  private var last = 0

  var isDue: Bool {
    let now = monotonicNanoseconds()
    guard now - last > 100_000_000 else { return false }
    last = now
    return true
  }
}

func monotonicNanoseconds() -> Int {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return now.tv_sec * 1_000_000_000 + now.tv_nsec
}

// MARK: - Wording

private func isOffline(_ file: RemoteFile, _ path: String, _ state: String?) -> KerasError {
  KerasError(
    .network, "\(file.name.escaped) \(state ?? "is not in the cache"), and the store is offline.",
    remedy: "fetch \(withoutSecrets(file.url)) and put it at \(path.escaped), or leave out --offline and "
      + "KERAS_OFFLINE.")
}

private func isNotUTF8(_ folder: String) -> KerasError {
  KerasError(
    .invalidArgument, "The name of the folder \(folder.escaped) is not UTF-8.",
    remedy: "give the folder another name, or set KERAS_HOME to a link to it.")
}

private func isNotPrivate(_ folder: String) -> KerasError {
  KerasError(
    .fileAccess, "Somebody else can write to \(folder.escaped).",
    remedy: "set KERAS_HOME to a folder of your own.")
}

private func hasNoAddress(_ file: RemoteFile) -> KerasError {
  KerasError(
    .network, "There is no address to fetch \(file.name.escaped) from.",
    remedy: "set KERAS_WEIGHTS_BASE_URL to a mirror.")
}

/// - Parameters:
///   - present: a file that is there under the name.
///   - problem: why it is not the one.
private func cannotFetch(
  _ file: RemoteFile, _ path: String, _ refusals: [Refusal], present: String?, _ problem: ContentProblem?
) -> KerasError {
  let kind =
    refusals.map(\.kind).first { $0 == .checksumMismatch }
    ?? refusals.map(\.kind).first { $0 != .network } ?? .network
  let advice =
    "set KERAS_WEIGHTS_BASE_URL to a mirror, or put the file at \(path.escaped)."
  var remarks = refusals.compactMap(\.keptAt).suffix(1).map { "the wrong file is kept as \($0.escaped)" }
  if let present, let problem {
    remarks.append("what is at \(present.escaped) is not it (\(problem.sentence))")
  }
  let remedy = (remarks + [advice]).joined(separator: "; ")
  if refusals.count == 1 {
    return KerasError(
      kind, "Cannot fetch \(file.name): \(refusals[0].reason).", path: [refusals[0].address.shown],
      remedy: remedy)
  }
  let list = refusals.map { "\n  \($0.address.shown): \($0.reason)" }.joined()
  return KerasError(
    kind, "Cannot fetch \(file.name) from any of \(refusals.count) addresses:\(list)", remedy: remedy)
}

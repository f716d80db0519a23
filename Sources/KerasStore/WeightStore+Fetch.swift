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
    let addresses = try options.addresses(of: file)
    guard !addresses.isEmpty else {
      throw options.isOffline ? isOffline(file, path, try damage(of: file)) : hasNoAddress(file)
    }
    do {
      try makeFolders(parentFolder(path) ?? ".")
      let part = path + PartialFile.suffix
      let lock = try LockFile.acquire(
        path + lockSuffix, patience: options.lockPatience, progress: { FileStatus(path: part) },
        onWait: { onEvent(.waiting(name: file.name, processID: $0)) })
      defer { lock.release() }
      // Another process may have fetched it while this one waited.
      if !replacing, FileStatus(path: path) != nil, try cachedProblem(at: path, with: file) == nil {
        return path
      }
      try fetchHoldingLock(file, from: addresses, to: path)
    } catch {
      onEvent(.failed(name: file.name))
      throw error
    }
    return path
  }

  /// What is wrong with the file in the cache; nil when there is none.
  private func damage(of file: RemoteFile) throws(KerasError) -> ContentProblem? {
    for folder in home.readFolders(file.subfolder) {
      let path = joined(folder, file.name)
      if FileStatus(path: path) != nil { return try cachedProblem(at: path, with: file) }
    }
    return nil
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
    throw cannotFetch(file, path, refusals)
  }

  /// Why one address did not give the file; nil when it did, and the file is in its place.
  private func fetch(
    _ file: RemoteFile, from address: Address, to path: String
  ) throws(KerasError) -> Refusal? {
    let partPath = path + PartialFile.suffix
    var part = try PartialFile(path: partPath)
    let mayHoldOldBytes = part.byteCount > 0
    for mayStartOver in mayHoldOldBytes ? [true, false] : [false] {
      if let refusal = try transfer(file, from: address, into: part) {
        if part.byteCount == 0 { part.remove() }
        return refusal
      }
      onEvent(.verifying(name: file.name))
      guard let problem = try problem(at: partPath, with: file) else {
        try install(part, of: file, as: path)
        return nil
      }
      if mayStartOver {
        // The bytes of an earlier process may be at fault.
        part.remove()
        part = try PartialFile(path: partPath)
      } else {
        let badPath = path + badSuffix
        try part.keepAside(as: badPath)
        return Refusal(address, problem.kind, problem.sentence, keptAt: badPath)
      }
    }
    return nil
  }

  /// Transfers until the partial file is whole, however often that takes.
  private func transfer(
    _ file: RemoteFile, from address: Address, into part: PartialFile
  ) throws(KerasError) -> Refusal? {
    var failures = 0
    var furthest = part.byteCount
    let ticker = Ticker()
    while true {
      let transfer = try Transfer(
        address, into: part, hasHash: file.hash != nil, options: options,
        onReceived: { count, total in
          guard ticker.isDue else { return }
          onEvent(.received(name: file.name, byteCount: count, of: total ?? file.byteCount))
        })
      onEvent(.started(name: file.name, url: address.shown, resumedAt: transfer.start))
      do throws(TransferFailure) {
        try transfer.run()
        onEvent(.received(name: file.name, byteCount: part.byteCount, of: part.byteCount))
        return nil
      } catch {
        switch error {
        case .local(let error):
          if FileStatus(path: part.path)?.byteCount == 0 { part.remove() }
          throw error
        case .refused(let reason, let isMissing):
          return Refusal(address, .network, reason, isMissing: isMissing)
        case .broken(let reason, let requested):
          failures = part.byteCount > furthest ? 1 : failures + 1
          furthest = max(furthest, part.byteCount)
          guard failures < options.retries.attempts else {
            return Refusal(address, .network, failures > 1 ? "\(reason), \(failures) times" : reason)
          }
          let seconds = options.retries.delay(after: failures, requested: requested)
          onEvent(.retrying(name: file.name, reason: reason, seconds: seconds))
          options.retries.sleep(seconds)
        }
      }
    }
  }

  private func install(_ part: PartialFile, of file: RemoteFile, as path: String) throws(KerasError) {
    if FileStatus(path: path) != nil, let problem = try cachedProblem(at: path, with: file) {
      try move(path, to: path + badSuffix)
      onEvent(.movedAside(path: path + badSuffix, reason: problem.sentence))
    }
    try part.install(as: path)
    if let hash = file.hash, let status = FileStatus(path: path) {
      VerificationRecord(forFile: path).write(status, hash)
    }
    onEvent(.finished(name: file.name, path: path, byteCount: part.byteCount))
  }
}

let badSuffix = ".bad"
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

private func isOffline(_ file: RemoteFile, _ path: String, _ damage: ContentProblem?) -> KerasError {
  let state = damage.map { "in the cache is damaged: \($0.sentence)" } ?? "is not in the cache"
  return KerasError(
    .network, "\(file.name) \(state), and the store is offline.",
    remedy: "fetch \(file.url) and put it at \(path), or leave out --offline and KERAS_OFFLINE.")
}

private func hasNoAddress(_ file: RemoteFile) -> KerasError {
  KerasError(
    .network, "There is no address to fetch \(file.name) from.",
    remedy: "set KERAS_WEIGHTS_BASE_URL to a mirror.")
}

private func cannotFetch(_ file: RemoteFile, _ path: String, _ refusals: [Refusal]) -> KerasError {
  let kind =
    refusals.map(\.kind).first { $0 == .checksumMismatch }
    ?? refusals.map(\.kind).first { $0 != .network } ?? .network
  let advice =
    "set KERAS_WEIGHTS_BASE_URL to a mirror, or put the file at \(path)."
  let remedy =
    refusals.lazy.compactMap(\.keptAt).last.map { "the wrong file is kept as \($0); \(advice)" } ?? advice
  if refusals.count == 1 {
    return KerasError(
      kind, "Cannot fetch \(file.name): \(refusals[0].reason).", path: [refusals[0].address.shown],
      remedy: remedy)
  }
  let list = refusals.map { "\n  \($0.address.shown): \($0.reason)" }.joined()
  return KerasError(
    kind, "Cannot fetch \(file.name) from any of \(refusals.count) addresses:\(list)", remedy: remedy)
}

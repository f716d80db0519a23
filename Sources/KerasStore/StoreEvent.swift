import KerasCore

/// What the store is doing, for those who watch.
public enum StoreEvent: Hashable, Sendable {
  /// Another process (its id, when known) is fetching the same file.
  case waiting(name: String, processID: Int?)
  /// A transfer began, or went on where an earlier one stopped.
  case started(name: String, url: String, resumedAt: Int)
  /// Bytes there are by now and bytes there will be, when known. Several times a second.
  case received(name: String, byteCount: Int, of: Int?)
  /// A transfer broke and begins again after some seconds.
  case retrying(name: String, reason: String, seconds: Double)
  /// What was here so far is thrown away, and the file is fetched from its beginning.
  case startedOver(name: String, reason: String)
  /// An address failed for good; the next one is tried.
  case skipped(name: String, url: String, reason: String)
  /// The bytes are here and are being checked.
  case verifying(name: String)
  /// The file is in its place.
  case finished(name: String, path: String, byteCount: Int)
  /// The fetch failed; an error follows.
  case failed(name: String)
  /// A file or folder that stood in the place of a published one, and may be somebody's own, was moved aside.
  case movedAside(path: String, reason: String)
  /// A folder or file that could have helped is not trusted.
  case passedOver(reason: String)
}

extension StoreEvent {
  /// A line about what a person should know although nothing failed; nil for what is as it should be.
  public var notice: String? {
    switch self {
    case .waiting(let name, let processID):
      let holder = processID.map { "process \($0)" } ?? "another process"
      return "\(name): waiting for \(holder), which is fetching it".escaped
    case .retrying(let name, let reason, let seconds):
      return "\(name): \(reason); trying again in \(Int(seconds.rounded(.up))) s".escaped
    case .startedOver(let name, let reason): return "\(name): \(reason); starting over".escaped
    case .skipped(_, let url, let reason): return "\(url): \(reason)".escaped
    case .movedAside(let path, let reason): return "kept as \(path): \(reason)".escaped
    case .passedOver(let reason): return reason.escaped
    case .started, .received, .verifying, .finished, .failed: return nil
    }
  }
}

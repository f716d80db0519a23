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
  /// An address failed for good; the next one is tried.
  case skipped(name: String, url: String, reason: String)
  /// The bytes are here and are being checked.
  case verifying(name: String)
  /// The file is in its place.
  case finished(name: String, path: String, byteCount: Int)
  /// The fetch failed; an error follows.
  case failed(name: String)
  /// A file that stood in the place of a published one was moved aside.
  case movedAside(path: String, reason: String)
}

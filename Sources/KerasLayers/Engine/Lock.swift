import Synchronization

/// A mutex for classes that guard several properties with it.
final class Lock: Sendable {
  private let mutex = Mutex<Void>(())

  func withLock<Result>(_ body: () -> Result) -> Result { mutex.withLock { _ in body() } }
}

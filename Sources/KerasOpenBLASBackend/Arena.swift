import KerasGraph
import Synchronization

/// The memory of one run: the planned values, then scratch that each kernel has for itself.
final class Arena: @unchecked Sendable {
  // Sendable by rule, not by type: an arena is lent to one run at a time.
  let start: UnsafeMutableRawPointer
  let scratch: UnsafeMutableRawPointer

  init(byteCount: Int, scratchOffset: Int) {
    start = .allocate(byteCount: max(byteCount, 1), alignment: 64)
    scratch = start + scratchOffset
  }

  deinit { start.deallocate() }
}

/// Lends an arena to each run and keeps it for the next: as many as there were runs at once.
final class ArenaPool: Sendable {
  private let byteCount: Int
  private let scratchOffset: Int
  private let idle = Mutex<[Arena]>([])

  init(byteCount: Int, scratchOffset: Int) {
    self.byteCount = byteCount
    self.scratchOffset = scratchOffset
  }

  func withArena<Result>(_ body: (Arena) throws(KerasError) -> Result) throws(KerasError) -> Result {
    let arena = idle.withLock { $0.popLast() } ?? Arena(byteCount: byteCount, scratchOffset: scratchOffset)
    defer { idle.withLock { $0.append(arena) } }
    return try body(arena)
  }
}

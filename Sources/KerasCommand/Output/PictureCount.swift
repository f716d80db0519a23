import Dispatch
import Keras
import Synchronization

/// How many pictures are done: a line on the terminal that changes, below the results where those go there too.
struct PictureCount {
  private let isShown = StandardError.isTerminal
  private let clock = ContinuousClock()
  private let start = ContinuousClock.now
  private var shownAt = ContinuousClock.now
  private var isOnScreen = false
  private var wasCleared = false
  private let total = Total()

  /// - Parameter arguments: the pictures and folders that were named; they are counted meanwhile, where anybody
  ///   will see it.
  init(_ arguments: [String], shard: Shard? = nil) {
    if isShown { total.count(PictureWalk(arguments, shard: shard)) }
  }

  /// Draws the line, a few times a second.
  mutating func update(_ count: Int) {
    guard isShown, wasCleared || shownAt.duration(to: clock.now) > .milliseconds(200) else { return }
    shownAt = clock.now
    (isOnScreen, wasCleared) = (true, false)
    let rate = Double(count) / start.duration(to: shownAt).inSeconds
    let ofAll = total.value.map { " of \(grouped(max($0, count)))" } ?? ""
    StandardError.show(Self.startOfLine + "\(grouped(count))\(ofAll) pictures, \(grouped(Int(rate.rounded()))) a second")
  }

  /// Makes room for a line of another kind.
  mutating func clear() {
    guard isOnScreen else { return }
    (isOnScreen, wasCleared) = (false, true)
    StandardError.show(Self.startOfLine)
  }

  /// Goes to the line's beginning and wipes it.
  private static let startOfLine = "\r\u{1B}[K"

  /// Counted once, beside the work.
  private final class Total: Sendable {
    private let result = Mutex<Int?>(nil)

    var value: Int? { result.withLock { $0 } }

    func count(_ walk: PictureWalk) {
      nonisolated(unsafe) let walk = walk
      DispatchQueue.global(qos: .utility).async {
        var count = 0
        for _ in walk { count += 1 }
        self.result.withLock { [count] in $0 = count }
      }
    }
  }
}

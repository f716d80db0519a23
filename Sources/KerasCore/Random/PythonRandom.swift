/// Python's `random` module: the same numbers, bit for bit, for the same seed and the same calls.
///
/// ```swift
/// var random = PythonRandom(seed: 7)
/// let dice = (0..<3).map { _ in random.integer(in: 1...6) }
/// ```
public struct PythonRandom: Sendable {
  private var generator: MersenneTwister

  /// As `random.seed(seed)`.
  public init(seed: Int) {
    let magnitude = UInt64(seed.magnitude)
    let (low, high) = (UInt32(truncatingIfNeeded: magnitude), UInt32(magnitude >> 32))
    generator = MersenneTwister(key: high == 0 ? [low] : [low, high])
  }

  /// A number in [0, 1): `random.random()`.
  public mutating func uniform() -> Double { generator.nextUniform() }

  /// A whole number from `range`: `random.randint(low, high)`.
  public mutating func integer(in range: ClosedRange<Int>) -> Int {
    let span = UInt64(bitPattern: Int64(range.upperBound)) &- UInt64(bitPattern: Int64(range.lowerBound))
    // All whole numbers there are: their count is none of them.
    guard span < .max else { return Int(truncatingIfNeeded: next(64)) }
    return range.lowerBound &+ Int(truncatingIfNeeded: below(span + 1))
  }

  /// `random.shuffle(elements)`.
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, Int(below(UInt64(last) + 1)))
    }
  }

  /// A number below `count`, which is at least 1.
  private mutating func below(_ count: UInt64) -> UInt64 {
    let bits = UInt64.bitWidth - count.leadingZeroBitCount
    while true {
      let number = next(bits)
      if number < count { return number }
    }
  }

  /// As `getrandbits`: words from the lowest on.
  private mutating func next(_ bits: Int) -> UInt64 {
    guard bits > 32 else { return UInt64(generator.next() >> UInt32(32 - max(bits, 1))) }
    let low = UInt64(generator.next())
    return low | UInt64(generator.next() >> UInt32(64 - bits)) << 32
  }
}

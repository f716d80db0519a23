/// NumPy's `RandomState`: the same numbers, bit for bit, for the same seed and the same calls.
///
/// Keras shuffles with it, so that splits of folders and data sets are the same here.
///
/// ```swift
/// var random = NumPyRandom(seed: 113)
/// let order = random.permutation(5)
/// ```
public struct NumPyRandom: Sendable {
  private var generator: MersenneTwister

  /// As `np.random.RandomState(seed)`.
  public init(seed: UInt32) { generator = MersenneTwister(seed: seed) }

  /// A number in [0, 1): `random_sample()`.
  public mutating func uniform() -> Double { generator.nextUniform() }

  /// `uniform(low, high)`.
  public mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

  /// A whole number from `range`: `randint(low, high)`.
  public mutating func integer(in range: Range<Int>) -> Int {
    let count = UInt64(bitPattern: Int64(range.upperBound)) &- UInt64(bitPattern: Int64(range.lowerBound))
    guard count > 1 else { return range.lowerBound }
    return range.lowerBound &+ Int(truncatingIfNeeded: bounded(by: count - 1))
  }

  /// `shuffle(elements)`.
  public mutating func shuffle<Element>(_ elements: inout [Element]) {
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, Int(bounded(by: UInt64(last))))
    }
  }

  /// `0..<count` in another order: `permutation(count)`.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<max(count, 0))
    shuffle(&order)
    return order
  }

  /// A number up to `most`: as many bits as that one has, until they are not too large.
  private mutating func bounded(by most: UInt64) -> UInt64 {
    guard most > 0 else { return 0 }
    let mask = UInt64.max >> UInt64(most.leadingZeroBitCount)
    while true {
      let bits =
        most <= UInt64(UInt32.max)
        ? UInt64(generator.next()) : UInt64(generator.next()) << 32 | UInt64(generator.next())
      if bits & mask <= most { return bits & mask }
    }
  }
}

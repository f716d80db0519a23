import KerasGraph

/// Random choices in a fixed order: a seed and a number make the same problem on every machine.
public struct RandomChoices {
  private let random: CounterRandom
  private let stream: UInt64
  private var index: UInt64 = 0

  public init(seed: UInt64, number: Int) {
    random = CounterRandom(seed: seed &+ Self.otherSeeds)
    stream = UInt64(number)
  }

  /// `KERAS_TEST_SEED`, a number added to every seed: a search for faults tries problems that nobody has tried.
  private static let otherSeeds = processEnvironment("KERAS_TEST_SEED").flatMap(UInt64.init) ?? 0

  /// A uniform number in [0, 1).
  public mutating func uniform() -> Double {
    defer { index += 1 }
    return random.uniform(stream: stream, at: index)
  }

  public mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(uniform() * Double(range.count))
  }

  /// True about once in `count` times.
  public mutating func oneIn(_ count: Int) -> Bool { integer(in: 1...count) == 1 }

  public mutating func element<Element>(of elements: [Element]) -> Element {
    elements[integer(in: 0...(elements.count - 1))]
  }

  public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var elements = elements
    for i in elements.indices.reversed() { elements.swapAt(i, integer(in: 0...i)) }
    return elements
  }

  /// A tensor of uniform numbers.
  ///
  /// - Parameter isWhole: whether only whole numbers of the range are drawn.
  public mutating func tensor(
    _ shape: [Int], in range: ClosedRange<Double> = -1...1, isWhole: Bool = false
  ) -> Tensor {
    let width = range.upperBound - range.lowerBound + (isWhole ? 1 : 0)
    return Tensor(uninitialized: shape, Float.self) { elements in
      for i in elements.indices {
        let number = range.lowerBound + uniform() * width
        elements[i] = Float(isWhole ? number.rounded(.down) : number)
      }
    }
  }
}

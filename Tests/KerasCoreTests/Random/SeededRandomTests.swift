import KerasCore
import Testing

/// The numbers of NumPy's `RandomState` and of Python's `random`, which Keras shuffles with.
struct SeededRandomTests {
  @Test func drawsAsNumPy() {
    var random = NumPyRandom(seed: 113)
    #expect(random.permutation(10) == [9, 3, 6, 1, 0, 7, 4, 8, 2, 5])
    #expect((0..<4).map { _ in random.integer(in: 3..<1000) } == [997, 879, 221, 482])
    #expect(random.uniform() == 0.3053994229781485)
    #expect(random.uniform(-2, 3) == 2.3592386581245197)
  }

  @Test func takesSeedsAndRangesOf32BitsAndMore() {
    var random = NumPyRandom(seed: .max)
    #expect([random.uniform(), random.uniform()] == [0.0976320289940138, 0.9123828453026218])
    #expect(random.integer(in: 0..<1 << 40) == 775_354_646_080)
    #expect(random.integer(in: 0..<1 << 32) == 3_350_089_942)
    #expect(random.integer(in: 7..<8) == 7)
  }

  /// More than the generator makes at once.
  @Test func goesOnBehindTheFirstNumbers() {
    var random = NumPyRandom(seed: 5)
    var elements = Array(0..<700)
    random.shuffle(&elements)
    #expect(elements.prefix(6) == [273, 587, 357, 510, 518, 596])
  }

  @Test(arguments: [
    (0, [4, 1, 5, 2, 0, 3, 7, 6], 0.4049341374504143, 3, 1_052_128_689_538),
    (7, [6, 7, 2, 4, 0, 3, 1, 5], 0.36568891691258554, 1, 82_526_500_295),
    (-7, [6, 7, 2, 4, 0, 3, 1, 5], 0.36568891691258554, 1, 82_526_500_295),
    (1_099_511_627_777, [7, 1, 3, 6, 4, 5, 0, 2], 0.9047353902410353, 4, 1_053_607_960_851),
  ])
  func drawsAsPython(_ seed: Int, _ order: [Int], _ uniform: Double, _ die: Int, _ large: Int) {
    var random = PythonRandom(seed: seed)
    var elements = Array(0..<8)
    random.shuffle(&elements)
    #expect(elements == order)
    #expect(random.uniform() == uniform)
    #expect(random.integer(in: 1...6) == die)
    #expect(random.integer(in: -5...1 << 40) == large)
  }
}

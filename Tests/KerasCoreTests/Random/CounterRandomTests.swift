import KerasCore
import Testing

struct CounterRandomTests {
  /// The first outputs of SplitMix64 from the states 0 and 1 (Vigna's `splitmix64.c`).
  @Test func theBareSequenceIsSplitMix64() {
    let random = CounterRandom(seed: 0)
    #expect(random.bits(stream: 0, at: 0) == 0xE220_A839_7B1D_CDAF)
    #expect(random.bits(stream: 0, at: 1) == 0x910A_2DEC_8902_5CC1)
  }

  /// The formula of the golden weights, written out.
  @Test func followsTheFormulaOfTheGoldenFiles() {
    let random = CounterRandom(seed: 0)
    for (t, i) in [(0, 7), (3, 0), (5, 123_456_789), (319, 25_087_999)] as [(UInt64, UInt64)] {
      var z = t * (1 << 40) + i &+ 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z = z ^ (z >> 31)
      #expect(random.bits(stream: t, at: i) == z)
      #expect(random.uniform(stream: t, at: i) == Double(z >> 40) / 16_777_216)
    }
  }

  @Test func seedsAndStreamsDiffer() {
    var seen: Set<UInt64> = []
    for seed in 0..<10 {
      for stream in 0..<10 {
        for index in 0..<10 {
          seen.insert(CounterRandom(seed: UInt64(seed)).bits(stream: UInt64(stream), at: UInt64(index)))
        }
      }
    }
    #expect(seen.count == 1000)
  }

  /// Mean 1/2 and variance 1/12, each within four standard errors.
  @Test func isUniform() {
    let random = CounterRandom(seed: 5)
    let count = 10_000
    let numbers = (0..<count).map { random.uniform(stream: 2, at: UInt64($0)) }
    let mean = numbers.reduce(0, +) / Double(count)
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    #expect(numbers.allSatisfy { (0..<1).contains($0) })
    #expect(abs(mean - 0.5) < 4 * (1.0 / 12 / Double(count)).squareRoot())
    #expect(abs(variance - 1.0 / 12) < 4 * (1.0 / 180 / Double(count)).squareRoot())
  }
}

/// MT19937, the generator behind NumPy's `RandomState` and Python's `random`.
///
/// Matsumoto and Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number
/// generator" (1998), http://www.math.sci.hiroshima-u.ac.jp/m-mat/MT/MT2002/emt19937ar.html
struct MersenneTwister: Sendable {
  private static let size = 624
  private var state: [UInt32]
  private var position = MersenneTwister.size

  /// As `init_genrand`.
  init(seed: UInt32) {
    state = [seed]
    state.reserveCapacity(Self.size)
    for index in 1..<Self.size {
      let last = state[index - 1]
      state.append(1_812_433_253 &* (last ^ last >> 30) &+ UInt32(index))
    }
  }

  /// As `init_by_array`.
  ///
  /// - Parameter key: at least one number.
  init(key: [UInt32]) {
    self.init(seed: 19_650_218)
    let key = key.isEmpty ? [0] : key
    var (index, place) = (1, 0)
    /// Mixes the next number of the state, and goes on.
    func mix(_ state: inout [UInt32], _ multiplier: UInt32, _ term: UInt32) {
      let last = state[index - 1]
      state[index] = (state[index] ^ (last ^ last >> 30) &* multiplier) &+ term
      index += 1
      if index >= Self.size {
        state[0] = state[Self.size - 1]
        index = 1
      }
    }
    for _ in 0..<max(Self.size, key.count) {
      mix(&state, 1_664_525, key[place] &+ UInt32(place))
      place = (place + 1) % key.count
    }
    for _ in 1..<Self.size { mix(&state, 1_566_083_941, 0 &- UInt32(index)) }
    state[0] = 0x8000_0000
  }

  /// The next 32 bits.
  mutating func next() -> UInt32 {
    if position == Self.size { refill() }
    var y = state[position]
    position += 1
    y ^= y >> 11
    y ^= y << 7 & 0x9D2C_5680
    y ^= y << 15 & 0xEFC6_0000
    return y ^ y >> 18
  }

  private mutating func refill() {
    for index in 0..<Self.size {
      let y = state[index] & 0x8000_0000 | state[(index + 1) % Self.size] & 0x7FFF_FFFF
      state[index] = state[(index + 397) % Self.size] ^ y >> 1 ^ (y & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    position = 0
  }

  /// A number in [0, 1) with 53 bits.
  mutating func nextUniform() -> Double {
    let (high, low) = (next() >> 5, next() >> 6)
    return (Double(high) * 67_108_864 + Double(low)) / 9_007_199_254_740_992
  }
}

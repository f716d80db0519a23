/// Random numbers by position instead of by history: element `i` of stream `s` is always the same,
/// whatever the order, the backend or the number of threads.
///
/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014):
/// its finaliser applied to `stream · 2^40 + i` mixed with the seed.
public struct CounterRandom: Hashable, Sendable {
  /// Mixed into every counter; 0 for the bare sequence.
  public let seed: UInt64

  @inlinable public init(seed: UInt64) { self.seed = seed }

  /// 64 uniform bits.
  @inlinable public func bits(stream: UInt64, at index: UInt64) -> UInt64 {
    let counter = (stream << 40) &+ index
    return Self.finalized(counter ^ (seed == 0 ? 0 : Self.finalized(seed)))
  }

  /// A uniform number in [0, 1) with 24 bits.
  @inlinable public func uniform(stream: UInt64, at index: UInt64) -> Double {
    Double(bits(stream: stream, at: index) >> 40) / 16_777_216
  }

  @inlinable static func finalized(_ x: UInt64) -> UInt64 {
    var z = x &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

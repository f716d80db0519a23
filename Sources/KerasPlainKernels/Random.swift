import Glibc
import KerasGraph

/// Random numbers by position. With `bits(i)` the 64 bits of ``CounterRandom`` with the seed's first number as seed
/// and its second as stream, element `i` is
///
/// - uniform: `low + (high − low) · u` with `u = (bits(i) >> 40) / 2²⁴`;
/// - bernoulli: whether that `u` is below the probability;
/// - normal: `mean + deviation · √(−2 ln u₁) · cos(2π u₂)` with `u₁ = (upper 32 bits + 1) / 2³²` and `u₂ = lower 32
///   bits / 2³²` (Box and Muller, 1958);
/// - truncated normal: the first such number within two deviations; attempt number `n` (from 0) adds
///   `n · 0x9E3779B97F4A7C15` to the generator's seed.
package struct RandomKernel: Kernel {
  private let distribution: RandomOperation.Distribution
  private let count: Int

  init(_ operation: RandomOperation, output: [Int]) {
    distribution = operation.distribution
    count = elementCountOf(output)
  }

  package var summary: String { "\(count) numbers, \(distribution)" }

  package func run(_ operands: Operands) {
    let seed = operands.input(0, as: Int64.self)
    let random = CounterRandom(seed: UInt64(bitPattern: seed[0]))
    let stream = UInt64(bitPattern: seed[1])
    let y = operands.output(as: Float.self)
    switch distribution {
    case .uniform(let low, let high):
      // Rounding may reach the upper end, which does not belong to the range.
      let last = low < high ? high.nextDown : high
      for i in 0..<count {
        y[i] = min(low + (high - low) * Float(random.uniform(stream: stream, at: UInt64(i))), last)
      }
    case .bernoulli(let probability):
      for i in 0..<count {
        y[i] = random.uniform(stream: stream, at: UInt64(i)) < Double(probability) ? 1 : 0
      }
    case .normal(let mean, let deviation):
      for i in 0..<count {
        y[i] = mean + deviation * Float(Self.normal(random.bits(stream: stream, at: UInt64(i))))
      }
    case .truncatedNormal(let mean, let deviation):
      for i in 0..<count {
        var attempt = random
        var number = Self.normal(attempt.bits(stream: stream, at: UInt64(i)))
        while abs(number) > 2 {
          attempt = CounterRandom(seed: attempt.seed &+ 0x9E37_79B9_7F4A_7C15)
          number = Self.normal(attempt.bits(stream: stream, at: UInt64(i)))
        }
        y[i] = mean + deviation * Float(number)
      }
    }
  }

  private static func normal(_ bits: UInt64) -> Double {
    let first = (Double(bits >> 32) + 1) / 4_294_967_296
    let second = Double(bits & 0xFFFF_FFFF) / 4_294_967_296
    return (-2 * log(first)).squareRoot() * cos(2 * Double.pi * second)
  }
}

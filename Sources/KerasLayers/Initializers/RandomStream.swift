import Dispatch
import KerasCore

#if canImport(Glibc)
  import Glibc
#endif

/// Random numbers by position, for one weight: number `i` is always the same.
public struct RandomStream: Sendable {
  let generator: CounterRandom
  let stream: UInt64

  init(generator: CounterRandom, stream: UInt64) {
    self.generator = generator
    self.stream = stream
  }

  /// The stream that a seed alone decides.
  public init(seed: Int) {
    self.init(generator: CounterRandom(seed: UInt64(bitPattern: Int64(seed))), stream: 0)
  }

  /// Uniform in [0, 1), with 24 bits.
  public func uniform(_ index: Int) -> Double { generator.uniform(stream: stream, at: UInt64(index)) }

  /// Of mean 0 and standard deviation 1.
  public func normal(_ index: Int) -> Double { inverseNormal(fraction(index)) }

  /// Of mean 0 and, before the cut, standard deviation 1, between −2 and 2.
  ///
  /// The same distribution as drawing again beyond two deviations.
  public func truncatedNormal(_ index: Int) -> Double {
    inverseNormal(Self.outside + (1 - 2 * Self.outside) * fraction(index))
  }

  /// The probability of less than two deviations below the mean.
  fileprivate static let outside = 0.02275013194817921

  /// Uniform in (0, 1), with 53 bits.
  @inline(__always)
  fileprivate func fraction(_ index: Int) -> Double {
    (Double(generator.bits(stream: stream, at: UInt64(index)) >> 11) + 0.5) * 0x1p-53
  }
}

/// The number below which a normal variable lies with probability `p`, 0 < p < 1; exact to about 16 digits.
///
/// Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988).
func inverseNormal(_ p: Double) -> Double {
  let q = p - 0.5
  return abs(q) <= centralHalf ? centralNormal(q) : tailNormal(p)
}

/// Where the middle of the distribution ends, as a distance from p = 0.5.
private let centralHalf = 0.425

/// ``inverseNormal(_:)`` of the middle, by the distance from p = 0.5.
@inline(__always)
private func centralNormal(_ q: Double) -> Double {
  let r = 0.180625 - q * q
  return q
    * polynomial(
      r, 3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
      45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727)
    / polynomial(
      r, 1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
      39307.895800092710610, 28729.085735721942674, 5226.4952788528545610)
}

/// ``inverseNormal(_:)`` outside the middle.
private func tailNormal(_ p: Double) -> Double {
  let r = (-log(min(p, 1 - p))).squareRoot()
  let size =
    r <= 5
    ? polynomial(
      r - 1.6, 1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
      1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4)
      / polynomial(
        r - 1.6, 1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
        0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4,
        1.05075007164441684324e-9)
    : polynomial(
      r - 5, 6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
      0.0265321895265761230930, 0.00124266094738807843860, 2.71155556874348757815e-5,
      2.01033439929228813265e-7)
      / polynomial(
        r - 5, 1, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
        2.04426310338993978564e-15)
  return p < 0.5 ? -size : size
}

/// a + b·x + c·x² + …
@inline(__always)
private func polynomial(
  _ x: Double, _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double, _ g: Double,
  _ h: Double
) -> Double {
  ((((((h * x + g) * x + f) * x + e) * x + d) * x + c) * x + b) * x + a
}

// MARK: - Whole tensors

extension RandomStream {
  enum Distribution: Sendable {
    case uniform, normal, truncatedNormal
  }

  /// A tensor whose element `i` is `number` of the distribution's number `i`; large ones are made on all processors.
  func tensor(
    _ shape: [Int], of distribution: Distribution, _ number: @Sendable (Double) -> Double
  ) -> Tensor {
    Tensor(uninitialized: shape, Float.self) { elements in
      let length = 1 << 16
      // Each chunk writes its own elements.
      nonisolated(unsafe) let all = elements
      DispatchQueue.concurrentPerform(iterations: (all.count + length - 1) / length) { chunk in
        let range = chunk * length..<min((chunk + 1) * length, all.count)
        switch distribution {
        case .uniform: for i in range { all[i] = Float(number(uniform(i))) }
        case .normal: fill(all, range, 0, 1, number)
        case .truncatedNormal: fill(all, range, Self.outside, 1 - 2 * Self.outside, number)
        }
      }
    }
  }

  /// Fills a range with normal numbers for the probabilities `low + width · fraction`.
  @inline(__always)
  private func fill(
    _ elements: UnsafeMutableBufferPointer<Float>, _ range: Range<Int>, _ low: Double, _ width: Double,
    _ number: (Double) -> Double
  ) {
    // Loops that do one thing each are vector code, and nine in ten numbers lie in the middle.
    let length = 256
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * length) { room in
      guard let p = room.baseAddress else { return }
      let central = p + length
      for first in stride(from: range.lowerBound, to: range.upperBound, by: length) {
        let count = min(length, range.upperBound - first)
        for i in 0..<count { p[i] = low + width * fraction(first &+ i) }
        for i in 0..<count { central[i] = centralNormal(p[i] - 0.5) }
        for i in 0..<count {
          let isCentral = abs(p[i] - 0.5) <= centralHalf
          elements[first &+ i] = Float(number(isCentral ? central[i] : tailNormal(p[i])))
        }
      }
    }
  }
}

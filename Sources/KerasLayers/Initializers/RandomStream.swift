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
    let outside = 0.02275013194817921
    return inverseNormal(outside + (1 - 2 * outside) * fraction(index))
  }

  /// Uniform in (0, 1), with 53 bits.
  private func fraction(_ index: Int) -> Double {
    (Double(generator.bits(stream: stream, at: UInt64(index)) >> 11) + 0.5) * 0x1p-53
  }
}

/// The number below which a normal variable lies with probability `p`, 0 < p < 1; exact to about 16 digits.
///
/// Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988).
func inverseNormal(_ p: Double) -> Double {
  let q = p - 0.5
  if abs(q) <= 0.425 {
    let r = 0.180625 - q * q
    return q
      * polynomial(
        r, 3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
        45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727)
      / polynomial(
        r, 1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
        39307.895800092710610, 28729.085735721942674, 5226.4952788528545610)
  }
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
  return q < 0 ? -size : size
}

/// a + b·x + c·x² + …
@inline(__always)
private func polynomial(
  _ x: Double, _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double, _ g: Double,
  _ h: Double
) -> Double {
  ((((((h * x + g) * x + f) * x + e) * x + d) * x + c) * x + b) * x + a
}

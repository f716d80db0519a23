import Glibc

/// A floating-point number with the functions of mathematics.
protocol Real: Arithmetic, BinaryFloatingPoint where Sum == Double {
  static func exponential(_ x: Self) -> Self
  static func exponentialMinusOne(_ x: Self) -> Self
  static func logarithm(_ x: Self) -> Self
  static func logarithmOfOnePlus(_ x: Self) -> Self
  static func sine(_ x: Self) -> Self
  static func cosine(_ x: Self) -> Self
  static func tangent(_ x: Self) -> Self
  static func arcsine(_ x: Self) -> Self
  static func arccosine(_ x: Self) -> Self
  static func arctangent(_ x: Self) -> Self
  static func hyperbolicSine(_ x: Self) -> Self
  static func hyperbolicCosine(_ x: Self) -> Self
  static func hyperbolicTangent(_ x: Self) -> Self
  static func errorFunction(_ x: Self) -> Self

  /// `result = a · b`, or added to it; see ``MatrixMultiplier``.
  static func multiply(_ product: MatrixProduct<Self>, with multiplier: any MatrixMultiplier)
}

extension Real {
  @inline(__always) static func sigmoid(_ x: Self) -> Self { 1 / (1 + exponential(-x)) }

  static var lowest: Self { -.infinity }
  static var highest: Self { .infinity }
  static var one: Self { 1 }
  @inline(__always) var isNotANumber: Bool { self != self }

  @inline(__always) func added(to other: Self) -> Self { self + other }
  @inline(__always) func subtracted(by other: Self) -> Self { self - other }
  @inline(__always) func multiplied(with other: Self) -> Self { self * other }
  @inline(__always) func divided(by other: Self) -> Self { self / other }

  /// Python's: exact also where the quotient itself rounds up to a whole number.
  func floorDivided(by other: Self) -> Self {
    guard other != 0 else { return self / other }
    let rest = remainder(of: other)
    let quotient = (self - rest) / other
    let down = quotient.rounded(.down)
    return quotient - down > 0.5 ? down + 1 : down
  }

  func remainder(of other: Self) -> Self {
    let rest = truncatingRemainder(dividingBy: other)
    return rest != 0 && (rest < 0) != (other < 0) ? rest + other : rest
  }
}

extension Float: Real {
  typealias Sum = Double
  @inline(__always) var wide: Double { Double(self) }
  @inline(__always) init(narrowing sum: Double) { self = Float(sum) }
  init(count: Int) { self = Float(count) }
  func raised(to exponent: Float) -> Float { pow(self, exponent) }
  func angle(over other: Float) -> Float { atan2(self, other) }

  static func exponential(_ x: Float) -> Float { exp(x) }
  static func exponentialMinusOne(_ x: Float) -> Float { expm1(x) }
  static func logarithm(_ x: Float) -> Float { log(x) }
  static func logarithmOfOnePlus(_ x: Float) -> Float { log1p(x) }
  static func sine(_ x: Float) -> Float { sin(x) }
  static func cosine(_ x: Float) -> Float { cos(x) }
  static func tangent(_ x: Float) -> Float { tan(x) }
  static func arcsine(_ x: Float) -> Float { asin(x) }
  static func arccosine(_ x: Float) -> Float { acos(x) }
  static func arctangent(_ x: Float) -> Float { atan(x) }
  static func hyperbolicSine(_ x: Float) -> Float { sinh(x) }
  static func hyperbolicCosine(_ x: Float) -> Float { cosh(x) }
  static func hyperbolicTangent(_ x: Float) -> Float { tanh(x) }
  static func errorFunction(_ x: Float) -> Float { erf(x) }

  static func multiply(_ product: MatrixProduct<Float>, with multiplier: any MatrixMultiplier) {
    multiplier.multiply(product)
  }
}

extension Double: Real {
  typealias Sum = Double
  @inline(__always) var wide: Double { self }
  @inline(__always) init(narrowing sum: Double) { self = sum }
  init(count: Int) { self = Double(count) }
  func raised(to exponent: Double) -> Double { pow(self, exponent) }
  func angle(over other: Double) -> Double { atan2(self, other) }

  static func exponential(_ x: Double) -> Double { exp(x) }
  static func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }
  static func logarithm(_ x: Double) -> Double { log(x) }
  static func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }
  static func sine(_ x: Double) -> Double { sin(x) }
  static func cosine(_ x: Double) -> Double { cos(x) }
  static func tangent(_ x: Double) -> Double { tan(x) }
  static func arcsine(_ x: Double) -> Double { asin(x) }
  static func arccosine(_ x: Double) -> Double { acos(x) }
  static func arctangent(_ x: Double) -> Double { atan(x) }
  static func hyperbolicSine(_ x: Double) -> Double { sinh(x) }
  static func hyperbolicCosine(_ x: Double) -> Double { cosh(x) }
  static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
  static func errorFunction(_ x: Double) -> Double { erf(x) }

  static func multiply(_ product: MatrixProduct<Double>, with multiplier: any MatrixMultiplier) {
    multiplier.multiply(product)
  }
}

import Glibc
import KerasGraph

/// A stored element, and the number it stands for in calculations: 16-bit floats are calculated with as `Float`,
/// truth values as 0 and 1.
protocol Element: TensorScalar {
  associatedtype Number: Arithmetic
  var number: Number { get }
  init(rounding number: Number)
}

/// What kernels do with numbers. Integers wrap around, and those divided by 0 give 0.
protocol Arithmetic: Comparable, BitwiseCopyable, Sendable {
  /// What sums are kept in: `Double`, or `Int64` for integers.
  associatedtype Sum: Arithmetic where Sum.Sum == Sum
  var wide: Sum { get }
  init(narrowing sum: Sum)
  init(count: Int)

  static var zero: Self { get }
  static var one: Self { get }
  /// What every number is at least, and at most.
  static var lowest: Self { get }
  static var highest: Self { get }
  var isNotANumber: Bool { get }

  func added(to other: Self) -> Self
  func subtracted(by other: Self) -> Self
  func multiplied(with other: Self) -> Self
  func divided(by other: Self) -> Self
  /// The quotient rounded down, and what it leaves, of the divisor's sign.
  func floorDivided(by other: Self) -> Self
  func remainder(of other: Self) -> Self
  func raised(to exponent: Self) -> Self
  func angle(over other: Self) -> Self
}

extension Arithmetic {
  /// The larger of two numbers, or the NaN among them.
  @inline(__always) func larger(_ other: Self) -> Self { self > other || isNotANumber ? self : other }

  /// The smaller of two numbers, or the NaN among them.
  @inline(__always) func smaller(_ other: Self) -> Self { self < other || isNotANumber ? self : other }
}

// MARK: - Integers

protocol IntegerArithmetic: Arithmetic, FixedWidthInteger {}

extension IntegerArithmetic where Sum == Int64 {
  var wide: Int64 { Int64(truncatingIfNeeded: self) }
  init(narrowing sum: Int64) { self.init(truncatingIfNeeded: sum) }
}

extension IntegerArithmetic {
  init(count: Int) { self.init(truncatingIfNeeded: count) }

  static var zero: Self { 0 }
  static var one: Self { 1 }
  static var lowest: Self { .min }
  static var highest: Self { .max }
  var isNotANumber: Bool { false }

  func added(to other: Self) -> Self { self &+ other }
  func subtracted(by other: Self) -> Self { self &- other }
  func multiplied(with other: Self) -> Self { self &* other }

  /// Rounded towards zero.
  func divided(by other: Self) -> Self { other == 0 ? 0 : dividedReportingOverflow(by: other).partialValue }

  func floorDivided(by other: Self) -> Self {
    let quotient = divided(by: other)
    guard other != 0, (self < 0) != (other < 0), quotient &* other != self else { return quotient }
    return quotient &- 1
  }

  func remainder(of other: Self) -> Self { other == 0 ? 0 : self &- floorDivided(by: other) &* other }

  /// By repeated squaring; below 1 the exact result is rounded towards zero.
  func raised(to exponent: Self) -> Self {
    if exponent < 0 {
      let isOdd = exponent & 1 == 1
      return self == 1 ? 1 : Self.isSigned && self == 0 &- 1 ? (isOdd ? self : 1) : 0
    }
    var (result, factor, rest) = (1 as Self, self, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result &*= factor }
      factor &*= factor
      rest >>= 1
    }
    return result
  }

  /// In whole radians, as every function of integers gives integers.
  func angle(over other: Self) -> Self { Self(atan2(Double(self), Double(other))) }
}

extension UInt8: IntegerArithmetic { typealias Sum = Int64 }
extension Int8: IntegerArithmetic { typealias Sum = Int64 }
extension Int16: IntegerArithmetic { typealias Sum = Int64 }
extension Int32: IntegerArithmetic { typealias Sum = Int64 }
extension Int64: IntegerArithmetic { typealias Sum = Int64 }

// MARK: - Stored elements

extension Element where Number == Self {
  @inline(__always) var number: Self { self }
  @inline(__always) init(rounding number: Self) { self = number }
}

extension UInt8: Element {}
extension Int8: Element {}
extension Int16: Element {}
extension Int32: Element {}
extension Int64: Element {}
extension Float: Element {}
extension Double: Element {}

extension Bool: Element {
  @inline(__always) var number: UInt8 { self ? 1 : 0 }
  @inline(__always) init(rounding number: UInt8) { self = number != 0 }
}

extension Float16: Element {
  @inline(__always) var number: Float { Float(self) }
  @inline(__always) init(rounding number: Float) { self = Float16(number) }
}

extension BFloat16: Element {
  @inline(__always) var number: Float { Float(self) }
  @inline(__always) init(rounding number: Float) { self = BFloat16(number) }
}

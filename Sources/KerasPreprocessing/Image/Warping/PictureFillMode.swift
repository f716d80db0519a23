/// What is seen beyond the border of a picture, in SciPy's words. Raw values are Keras'.
public enum PictureFillMode: String, Hashable, Sendable, CaseIterable {
  /// One value: `k k k k | a b c d | k k k k`.
  case constant
  /// The pixel at the border: `a a a a | a b c d | d d d d`.
  case nearest
  /// A mirror at the border: `a b c d d c b a | a b c d | d c b a a b c d`.
  case reflect
  /// The picture again, of which the first pixel falls on the last: `a b c | a b c d | b c d`.
  case wrap

  /// Where among `length` samples a place is found; nil where there is nothing but filling.
  ///
  /// As `map_coordinate` of SciPy's `ni_interpolation.c`.
  @inline(__always)
  func inside(_ place: Double, _ length: Int) -> Double? {
    let last = Double(length - 1)
    if place >= 0, place <= last { return place }
    switch self {
    case .constant: return nil
    case .nearest: return place < 0 ? 0 : last
    case _ where length <= 1: return 0
    case .reflect:
      let period = 2 * Double(length)
      if place < 0 {
        var x = place
        if x < -period { x += period * (-x / period).rounded(.towardZero) }
        return x < -Double(length) ? x + period : (x > -1e-15 ? 1e-15 : -x) - 1
      }
      let x = place - period * (place / period).rounded(.towardZero)
      return x >= Double(length) ? period - x - 1 : x
    case .wrap:
      return place < 0
        ? place + last * ((-place / last).rounded(.towardZero) + 1)
        : place - last * (place / last).rounded(.towardZero)
    }
  }

  /// How whole places beyond the border are folded for splines, which SciPy does in one of two ways.
  var foldsAtBorderPixel: Bool { self == .constant || self == .wrap }

  /// The sample that stands at a whole place beyond the border.
  @inline(__always)
  func folded(_ place: Int, _ length: Int) -> Int {
    if place >= 0, place < length { return place }
    guard length > 1 else { return 0 }
    // Modulo the period, which Swift leaves negative for negative numbers.
    let period = foldsAtBorderPixel ? 2 * length - 2 : 2 * length
    let x = (place % period + period) % period
    if x < length { return x }
    return foldsAtBorderPixel ? period - x : period - x - 1
  }
}

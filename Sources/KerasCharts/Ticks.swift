import Glibc

/// A stretch of numbers as an axis shows it: its ends, and where it has marks.
struct Axis {
  let range: ClosedRange<Double>
  let isLogarithmic: Bool
  let ticks: [(value: Double, text: String)]

  /// - Parameters:
  ///   - values: what is shown; those that are none, and for logarithms those that have none, are passed over.
  ///   - isWhole: whether marks are whole numbers.
  ///   - count: about how many marks there are.
  init(
    _ values: some Sequence<Double>, isLogarithmic: Bool = false, isWhole: Bool = false,
    isTight: Bool = false,
    count: Int = 5
  ) {
    self.isLogarithmic = isLogarithmic
    let shown = values.filter { $0.isFinite && abs($0) < 1e300 && (!isLogarithmic || $0 > 1e-300) }
    var (low, high) = (shown.min() ?? (isLogarithmic ? 0.1 : 0), shown.max() ?? 1)
    if isLogarithmic {
      (low, high) = (log10(low), log10(high))
      if high - low < 1 { (low, high) = (low - 0.5, high + 0.5) }
      range = low...high
      let (first, last) = (Int(low.rounded(.up)), Int(high.rounded(.down)))
      let step = max((last - first + count) / count, 1)
      ticks = stride(from: first, through: last, by: step).map { (Double($0), "1e\($0)") }
      return
    }
    if high - low < 1e-300 {
      let half = isWhole ? 0.5 : max(abs(low) * 0.05, 1e-6)
      (low, high) = (low - half, high + half)
    } else if !isTight {
      (low, high) = (low - (high - low) * 0.05, high + (high - low) * 0.05)
    }
    range = low...high
    let step = Self.step((high - low) / Double(count), isWhole: isWhole)
    let decimals = min(max(Int((-log10(step)).rounded(.up)), 0), 300)
    let isShort = max(abs(low), abs(high)) < 1e6 && step >= 1e-5
    ticks =
      (Int((low / step).rounded(.up))...max(Int((high / step).rounded(.down)), Int((low / step).rounded(.up))))
      .map { Double($0) * step }
      .filter { $0 >= low && $0 <= high }
      .map { ($0, isShort ? fixed($0, decimals: decimals) : exponential($0, decimals: 2)) }
  }

  /// Where a number stands between the ends, from 0 to 1; nil for what cannot be shown.
  func place(_ value: Double) -> Double? {
    guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
    return placeOnScale(isLogarithmic ? log10(value) : value)
  }

  func placeOnScale(_ value: Double) -> Double {
    (value - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  /// About so much, as 1, 2 or 5 times a power of ten.
  private static func step(_ least: Double, isWhole: Bool) -> Double {
    let power = pow(10, log10(least).rounded(.down))
    let step = ([1, 2, 5].first { $0 * power >= least * 0.7 } ?? 10) * power
    return isWhole ? max(step.rounded(), 1) : step
  }
}

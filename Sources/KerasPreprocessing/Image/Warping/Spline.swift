import Glibc

/// Uniform B-splines through samples, as `scipy.ndimage` uses them.
///
/// Unser, Aldroubi and Eden, "B-Spline Signal Processing" (1993).
struct Spline {
  /// 0 for the nearest sample, 1 for straight lines, 3 for cubic ones; up to 5.
  let order: Int

  /// How many samples take part along an axis.
  var width: Int { order + 1 }

  /// The first sample that takes part in the value at a place, and the weight of each.
  @inline(__always)
  func weights(at place: Double, _ weights: UnsafeMutablePointer<Double>) -> Int {
    let start =
      (order & 1 == 1 ? place.rounded(.down) : (place + 0.5).rounded(.down)) - Double(order / 2)
    switch order {
    case 0: weights[0] = 1
    case 1:
      let share = place - start
      (weights[0], weights[1]) = (1 - share, share)
    default: for i in 0...order { weights[i] = basis(place - start - Double(i)) }
    }
    return Int(start)
  }

  /// The B-spline of the order at a distance from its middle: Σ (−1)ᵏ · (n+1 over k) · (x + (n+1)/2 − k)₊ⁿ / n!
  private func basis(_ x: Double) -> Double {
    let half = Double(order + 1) / 2
    // The far side is the near one in a mirror, where fewer terms cancel.
    let x = -abs(x)
    var (sum, binomial) = (0.0, 1.0)
    for k in 0...order + 1 {
      let distance = x + half - Double(k)
      guard distance > 0 else { break }
      sum += (k & 1 == 0 ? binomial : -binomial) * pow(distance, Double(order))
      binomial *= Double(order + 1 - k) / Double(k + 1)
    }
    return sum / (1...order).reduce(1) { $0 * Double($1) }
  }

  private var poles: [Double] {
    func root(_ x: Double) -> Double { x.squareRoot() }
    return switch order {
    case 2: [root(8) - 3]
    case 3: [root(3) - 2]
    case 4: [root(664 - root(438_976)) + root(304) - 19, root(664 + root(438_976)) - root(304) - 19]
    case 5: [root(67.5 - root(4436.25)) + root(26.25) - 6.5, root(67.5 + root(4436.25)) - root(26.25) - 6.5]
    default: []
    }
  }

  /// Turns samples into the coefficients of the spline that goes through them, along one axis.
  ///
  /// - Parameter mirrorsAtPixel: whether the samples go on as in a mirror at the last one, or behind it.
  func filter(
    _ c: UnsafeMutablePointer<Double>, count: Int, stride: Int, mirrorsAtPixel: Bool
  ) {
    guard count > 1 else { return }
    func at(_ i: Int) -> Int { i * stride }
    let last = count - 1
    for z in poles {
      let gain = (1 - z) * (1 - 1 / z)
      for i in 0..<count { c[at(i)] *= gain }
      var power = z
      if mirrorsAtPixel {
        let far = pow(z, Double(last))
        c[0] += far * c[at(last)]
        for i in 1..<max(last, 1) {
          c[0] += power * (c[at(i)] + far * c[at(last - i)])
          power *= z
        }
        c[0] /= 1 - far * far
      } else {
        let far = pow(z, Double(count))
        let first = c[0]
        c[0] += far * c[at(last)]
        for i in 1..<count {
          c[0] += power * (c[at(i)] + far * c[at(last - i)])
          power *= z
        }
        c[0] = c[0] * (z / (1 - far * far)) + first
      }
      for i in 1..<count { c[at(i)] += z * c[at(i - 1)] }
      c[at(last)] =
        mirrorsAtPixel
        ? (z * c[at(last - 1)] + c[at(last)]) * z / (z * z - 1) : c[at(last)] * z / (z - 1)
      for i in (0..<last).reversed() { c[at(i)] = z * (c[at(i + 1)] - c[at(i)]) }
    }
  }
}

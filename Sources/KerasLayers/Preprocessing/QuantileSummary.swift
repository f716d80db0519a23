import KerasCore

/// A short list of numbers, each standing for a share of many, from which quantiles can be read to within an error.
///
/// Step by step as Keras' `Discretization`, in its precision, so that boundaries are the same.
struct QuantileSummary {
  private var values: [Float] = []
  private var weights: [Float] = []
  /// The error allowed, as a share of all numbers: from 0 to 1.
  private let epsilon: Double

  init(epsilon: Double) { self.epsilon = epsilon }

  var isEmpty: Bool { values.isEmpty }

  /// Adds the numbers of one more batch.
  mutating func add(_ numbers: [Float]) {
    let sorted = numbers.sorted()
    let step = max(Double(sorted.count) / (1 / epsilon), 1)
    let taken = stride(from: Int(step - 1), to: sorted.count, by: Int(step)).map { sorted[$0] }
    let merged = (taken.map { ($0, Float(step)) } + zip(values, weights)).sorted { $0.0 < $1.0 }
    (values, weights) = (merged.map(\.0), merged.map(\.1))
    self = compressed(to: epsilon)
  }

  /// Between `count` bins that hold about as many numbers each.
  func boundaries(_ count: Int) -> [Double] {
    compressed(to: 1 / Double(count)).values.dropLast().map(Double.init)
  }

  /// Numbers at equal steps of the cumulated weight.
  private func compressed(to epsilon: Double) -> QuantileSummary {
    guard Double(values.count) * epsilon >= 1 else { return self }
    var cumulated: [Float] = []
    for weight in weights { cumulated.append((cumulated.last ?? 0) + weight) }
    guard let total = cumulated.last else { return self }
    let shares = cumulated.map { Double($0 / total) }
    let steps = (0..<Int((1 / epsilon).rounded(.up))).map { epsilon + Double($0) * epsilon }
    var result = self
    result.values = interpolated(at: steps, from: shares, to: values.map(Double.init)).map(Float.init)
    let sums = interpolated(at: steps, from: shares, to: cumulated.map(Double.init))
    result.weights = zip(sums, [0] + sums.dropLast()).map { Float($0 - $1) }
    return result
  }

  /// On the line between the known points around each place; beyond them, the outermost value.
  private func interpolated(at places: [Double], from x: [Double], to y: [Double]) -> [Double] {
    var next = 0
    return places.map { place in
      while next < x.count, x[next] <= place { next += 1 }
      if next == 0 { return y[0] }
      if next == x.count { return y[x.count - 1] }
      let slope = (y[next] - y[next - 1]) / (x[next] - x[next - 1])
      return slope * (place - x[next - 1]) + y[next - 1]
    }
  }
}

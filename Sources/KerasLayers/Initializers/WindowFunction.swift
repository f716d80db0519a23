import KerasCore

#if canImport(Glibc)
  import Glibc
#endif

/// A window of signal processing: the weights a frame of samples is faded in and out with.
///
/// Names and formulas are those of `scipy.signal.windows`.
public enum WindowFunction: String, Hashable, Sendable, CaseIterable {
  case boxcar, triang, bartlett, parzen, bohman, cosine, lanczos, hann, hamming, blackman, nuttall,
    blackmanharris
  case flattop, barthann, tukey

  /// - Throws: `unknownName`
  init(named name: String) throws(KerasError) {
    let aliases = [
      "hanning": "hann", "rectangular": "boxcar", "ones": "boxcar", "rect": "boxcar", "box": "boxcar",
    ]
    guard let window = WindowFunction(rawValue: aliases[name] ?? name) else {
      let names = nearestNames(to: name, among: Self.allCases.map(\.rawValue))
      throw KerasError(
        .unknownName, "There is no window called `\(name)`.",
        remedy: names.isEmpty ? nil : "did you mean \(names.joined(separator: ", "))?")
    }
    self = window
  }

  /// - Parameter isPeriodic: as if the window were one period of a longer signal: one of `count + 1` without its
  ///   last number.
  public func values(_ count: Int, isPeriodic: Bool) -> [Double] {
    guard count > 1 else { return [Double](repeating: 1, count: max(count, 0)) }
    let length = isPeriodic ? count + 1 : count
    return (0..<count).map { value(at: $0, of: length) }
  }

  private func value(at n: Int, of length: Int) -> Double {
    let last = Double(length - 1)
    /// From 0 to 1 along the window.
    let position = Double(n) / last
    /// From −1 to 1.
    let centered = 2 * position - 1
    func cosines(_ terms: Double...) -> Double {
      terms.enumerated().reduce(0) { $0 + $1.element * cos(Double($1.offset) * .pi * centered) }
    }
    switch self {
    case .boxcar: return 1
    case .triang:
      let k = Double(n < (length + 1) / 2 ? n + 1 : length - n)
      return length % 2 == 0 ? (2 * k - 1) / Double(length) : 2 * k / Double(length + 1)
    case .bartlett: return 1 - abs(centered)
    case .parzen:
      let x = abs(Double(n) - last / 2) / (Double(length) / 2)
      return abs(Double(n) - last / 2) <= last / 4 ? 1 - 6 * x * x * (1 - x) : 2 * (1 - x) * (1 - x) * (1 - x)
    case .bohman:
      let x = abs(centered)
      return n == 0 || n == length - 1 ? 0 : (1 - x) * cos(.pi * x) + sin(.pi * x) / .pi
    case .cosine: return sin(.pi / Double(length) * (Double(n) + 0.5))
    case .lanczos: return centered == 0 ? 1 : sin(.pi * centered) / (.pi * centered)
    case .hann: return cosines(0.5, 0.5)
    case .hamming: return cosines(0.54, 0.46)
    case .blackman: return cosines(0.42, 0.5, 0.08)
    case .nuttall: return cosines(0.3635819, 0.4891775, 0.1365995, 0.0106411)
    case .blackmanharris: return cosines(0.35875, 0.48829, 0.14128, 0.01168)
    case .flattop:
      return cosines(0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368)
    case .barthann:
      let x = abs(position - 0.5)
      return 0.62 - 0.48 * x + 0.38 * cos(2 * .pi * x)
    case .tukey:
      // Half of the window is tapered.
      let width = (last / 4).rounded(.down)
      let i = Double(n)
      if i <= width { return 0.5 * (1 + cos(.pi * (4 * i / last - 1))) }
      return i < last - width ? 1 : 0.5 * (1 + cos(.pi * (4 * i / last - 3)))
    }
  }
}

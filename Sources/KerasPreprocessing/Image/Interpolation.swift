import Glibc

/// How a picture gets another size. Raw values are Keras' names.
///
/// All but `nearest` are Pillow's: when a picture shrinks the filter is widened by the same factor, so that
/// every pixel counts (antialiasing). That differs from TensorFlow's resizing of the same name.
public enum Interpolation: String, Hashable, Sendable, CaseIterable {
  /// The pixel at the place; Keras' default. Costs nothing, aliases.
  case nearest
  /// A triangle, two pixels wide.
  case bilinear
  /// Keys' cubic with a = −1/2, four pixels wide.
  case bicubic
  /// A sinc windowed by its own main lobe, six pixels wide.
  case lanczos
  /// The average of the pixels covered.
  case box
  /// A sinc windowed by Hamming's cosine, two pixels wide.
  case hamming

  /// How far the filter reaches from its centre, in pixels of the larger picture's grid.
  var support: Double {
    switch self {
    case .nearest, .box: 0.5
    case .bilinear, .hamming: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  /// The filter's value at distance `x` from its centre; not normalized.
  func weight(at x: Double) -> Double {
    let distance = abs(x)
    switch self {
    case .nearest, .box:
      return x > -0.5 && x <= 0.5 ? 1 : 0
    case .bilinear:
      return distance < 1 ? 1 - distance : 0
    case .hamming:
      if distance == 0 { return 1 }
      if distance >= 1 { return 0 }
      // Pillow writes these two as single-precision numbers.
      return sinc(distance) * (Double(0.54 as Float) + Double(0.46 as Float) * cos(distance * .pi))
    case .bicubic:
      if distance < 1 { return (1.5 * distance - 2.5) * distance * distance + 1 }
      if distance < 2 { return (((distance - 5) * distance + 8) * distance - 4) * -0.5 }
      return 0
    case .lanczos:
      return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0
    }
  }
}

/// `sin(πx) / (πx)`.
private func sinc(_ x: Double) -> Double {
  x == 0 ? 1 : sin(x * .pi) / (x * .pi)
}

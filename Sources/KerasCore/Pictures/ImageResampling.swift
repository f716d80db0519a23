import Glibc

/// How pictures are resized along one axis, as `tf.image.resize` does it without antialiasing. Raw values are Keras'.
///
/// Pixel `i` of `m` lies at `(i + 1/2) · n / m − 1/2` among `n` old ones; its value is a weighted sum of those near.
/// Weights are computed in single precision, step by step as TensorFlow does.
public enum ImageResampling: String, Hashable, Sendable, CaseIterable {
  case nearest
  case bilinear
  /// Keys' cubic with a = −1/2, at 1024 positions between pixels. Keys (1981), "Cubic Convolution Interpolation for
  /// Digital Image Processing".
  case bicubic
  /// Duchon (1979), "Lanczos Filtering in One and Two Dimensions", with three and five lobes.
  case lanczos3, lanczos5

  /// What one new pixel is made of; weights of pixels beyond the border are 0, and all sum up to 1.
  package struct Taps {
    /// The old pixel that comes first.
    package var start: Int
    package var weights: [Float]
  }

  /// The taps of new pixel number `position`.
  package func taps(_ position: Int, from length: Int, to newLength: Int) -> Taps {
    let scale = Float(length) / Float(newLength)
    let center = (Float(position) + 0.5) * scale
    switch self {
    case .nearest: return Taps(start: min(Int(center), length - 1), weights: [1])
    case .bilinear:
      let place = center - 0.5
      let fraction = place - place.rounded(.down)
      return Taps(start: Int(place.rounded(.down)), weights: [1 - fraction, fraction])
        .clamped(to: length)
    case .bicubic:
      let place = center - 0.5
      let first = Int(place.rounded(.down))
      let offset = ((place - place.rounded(.down)) * 1024).rounded(.toNearestOrEven) / 1024
      let weights = [1 + offset, offset, 1 - offset, 2 - offset].map(Self.keysCubic)
      return Taps(start: first - 1, weights: weights).normalized(inside: length)
    case .lanczos3, .lanczos5:
      let radius: Float = self == .lanczos3 ? 3 : 5
      let first = Int((center - radius - 0.5).rounded(.up))
      let last = Int((center + radius - 0.5).rounded(.down))
      let weights = (first...last).map { Self.lanczos(abs(Float($0) + 0.5 - center), radius) }
      return Taps(start: first, weights: weights).normalized(inside: length)
    }
  }

  /// The cubic at distance `x` from 0 to 2.
  static func keysCubic(_ x: Float) -> Float {
    let a: Float = -0.5
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
  }

  /// `sinc(x) · sinc(x / radius)`
  static func lanczos(_ x: Float, _ radius: Float) -> Float {
    if x > radius { return 0 }
    if x <= 1e-3 { return 1 }
    return radius * sinf(.pi * x) * sinf(.pi * x / radius) / (.pi * .pi * x * x)
  }
}

extension ImageResampling.Taps {
  /// Without the pixels beyond the border, and scaled so that the rest sums up to 1.
  func normalized(inside length: Int) -> Self {
    let inside = weights.indices.filter { (0..<length).contains(start + $0) }
    guard let first = inside.first else { return self }
    let kept = inside.map { weights[$0] }
    let factor = 1 / kept.reduce(0, +)
    return Self(start: start + first, weights: kept.map { $0 * factor })
  }

  /// With the border's pixel in place of those beyond it.
  fileprivate func clamped(to length: Int) -> Self {
    if start < 0 { return Self(start: 0, weights: [1]) }
    return start + weights.count > length ? Self(start: length - 1, weights: [1]) : self
  }
}

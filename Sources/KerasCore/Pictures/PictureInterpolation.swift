/// How pictures are resized. Raw values are Keras'; the numbers are those of `tf.image.resize`.
public enum PictureInterpolation: String, Hashable, Sendable, CaseIterable {
  case bilinear, nearest, bicubic, lanczos3, lanczos5
  /// The average of the pixels a new one covers.
  case area

  /// Without antialiasing, where TensorFlow has a way of its own for it.
  private var resampling: ImageResampling? { ImageResampling(rawValue: rawValue) }

  /// The old pixels each of `newLength` new ones is made of.
  package func taps(from length: Int, to newLength: Int, antialiases: Bool) -> [ImageResampling.Taps] {
    (0..<newLength).map { position in
      if self == .area { return areaTaps(position, from: length, to: newLength) }
      if antialiases, self != .nearest { return filterTaps(position, from: length, to: newLength) }
      return (resampling ?? .nearest).taps(position, from: length, to: newLength)
    }
  }

  /// The share that each old pixel has in the stretch the new one covers.
  private func areaTaps(_ position: Int, from length: Int, to newLength: Int) -> ImageResampling.Taps {
    let scale = Float(length) / Float(newLength)
    let (start, end) = (Float(position) * scale, min(Float(position + 1) * scale, Float(length)))
    let (first, last) = (Int(start), min(Int(end.rounded(.up)), length) - 1)
    let weights = (first...max(first, last)).map { pixel in
      (min(Float(pixel + 1), end) - max(Float(pixel), start)) / scale
    }
    return ImageResampling.Taps(start: first, weights: weights)
  }

  /// The kernel stretched over as many old pixels as one new covers, so that fine patterns are averaged out.
  private func filterTaps(_ position: Int, from length: Int, to newLength: Int) -> ImageResampling.Taps {
    let stretch = 1 / (Float(newLength) / Float(length))
    let center = (Float(position) + 0.5) * stretch
    let width = max(stretch, 1)
    let (first, last) = (
      Int((center - radius * width - 0.5).rounded(.up)), Int((center + radius * width - 0.5).rounded(.down))
    )
    let inside = max(first, 0)...max(min(last, length - 1), max(first, 0))
    let weights = inside.map { kernel(abs(Float($0) + 0.5 - center) / width) }
    return ImageResampling.Taps(start: inside.lowerBound, weights: weights).normalized(inside: length)
  }

  private var radius: Float {
    switch self {
    case .bilinear, .nearest, .area: 1
    case .bicubic: 2
    case .lanczos3: 3
    case .lanczos5: 5
    }
  }

  /// At the distance `x` from 0 up.
  private func kernel(_ x: Float) -> Float {
    switch self {
    case .bilinear, .nearest, .area: max(1 - x, 0)
    case .bicubic: x >= 2 ? 0 : ImageResampling.keysCubic(x)
    case .lanczos3, .lanczos5: ImageResampling.lanczos(x, radius)
    }
  }
}

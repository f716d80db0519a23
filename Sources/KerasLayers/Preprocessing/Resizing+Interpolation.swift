import KerasGraph

extension Resizing {
  /// How pictures are resized. Raw values are Keras'; the numbers are those of `tf.image.resize`.
  public enum Interpolation: String, Hashable, CaseIterable, SettingValue {
    case bilinear, nearest, bicubic, lanczos3, lanczos5
    /// The average of the pixels a new one covers.
    case area

    /// Without antialiasing, where TensorFlow has a way of its own for it.
    private var resampling: ImageResampling? { ImageResampling(rawValue: rawValue) }

    /// The old pixels each of `newLength` new ones is made of.
    func taps(from length: Int, to newLength: Int, antialiases: Bool) -> [ImageResampling.Taps] {
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
}

extension GraphBuilder {
  /// Pictures `[batch, height, width, channels]` in another size, in single precision but for `nearest`.
  func resized(
    _ images: Value, height: Int, width: Int, _ interpolation: Resizing.Interpolation, antialiases: Bool
  ) throws(KerasError) -> Value {
    var result = interpolation == .nearest ? images : try cast(images, to: .float32)
    let isLinear = interpolation == .bilinear && !antialiases
    // In TensorFlow's order, so that roundings are the same: whole numbers may lie right between two.
    for (axis, newLength) in isLinear ? [(2, width), (1, height)] : [(1, height), (2, width)] {
      let shape = shape(of: result)
      guard let length = shape[axis] else {
        var lengths = shape
        lengths[axis] = newLength
        result = placeholder(TensorSpec(lengths, spec(of: result).dataType))
        continue
      }
      try require(
        (1..<1 << 24).contains(length) && (1...1 << 16).contains(newLength),
        "Cannot resize \(length) pixels to \(newLength); both must be from 1, to 2^16 at most.")
      let taps = interpolation.taps(from: length, to: newLength, antialiases: antialiases)
      if isLinear {
        result = try blended(result, axis: axis, taps)
        continue
      }
      // Few taps are gathered one after the other; many are a product with a matrix of weights.
      let longest = taps.map(\.weights.count).max() ?? 0
      result =
        longest <= 6
        ? try resampled(result, axis: axis, taps) : try product(result, axis: axis, of: length, taps)
    }
    return result
  }

  private func product(
    _ x: Value, axis: Int, of length: Int, _ taps: [ImageResampling.Taps]
  ) throws(KerasError) -> Value {
    guard let size = checkedElementCount([length, taps.count]), size <= 1 << 26 else {
      throw KerasError(.invalidArgument, "Cannot filter \(length) pixels to \(taps.count): too many weights.")
    }
    let matrix = Tensor(uninitialized: [length, taps.count], Float.self) { weights in
      weights.update(repeating: 0)
      for (column, tap) in taps.enumerated() {
        for (offset, weight) in tap.weights.enumerated() {
          weights[(tap.start + offset) * taps.count + column] = weight
        }
      }
    }
    let moved = try moveAxis(x, from: axis, to: -1)
    return try moveAxis(matrixMultiply(moved, constant(matrix)), from: -1, to: axis)
  }
}

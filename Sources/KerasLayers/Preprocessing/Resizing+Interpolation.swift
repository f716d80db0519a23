import KerasGraph

extension Resizing {
  /// How pictures are resized.
  public typealias Interpolation = PictureInterpolation
}

extension PictureInterpolation: SettingValue {}

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

import KerasGraph

extension ImageResampling: SettingValue {}

extension GraphBuilder {
  /// Resizes along one axis; floating-point numbers only, but for `nearest`.
  package func resampled(
    _ x: Value, axis: Int, to newLength: Int, _ method: ImageResampling
  ) throws(KerasError) -> Value {
    let shape = shape(of: x)
    let axis = try resolvedAxis(axis, rank: shape.rank)
    guard let length = shape[axis] else {
      var result = shape
      result[axis] = newLength
      return placeholder(TensorSpec(result, spec(of: x).dataType))
    }
    try require(
      (1..<1 << 20).contains(length) && (1..<1 << 20).contains(newLength),
      "Cannot resize \(length) pixels to \(newLength); both must be from 1 to 2^20 − 1.")
    let taps = (0..<newLength).map { method.taps($0, from: length, to: newLength) }
    return try method == .bilinear ? blended(x, axis: axis, taps) : resampled(x, axis: axis, taps)
  }

  /// `left + (right − left) · weight` along one axis, which TensorFlow does with columns first and then with rows.
  func blended(_ x: Value, axis: Int, _ taps: [ImageResampling.Taps]) throws(KerasError) -> Value {
    let left = try gather(x, at: constant(Tensor(taps.map { Int32($0.start) })), axis: axis)
    let right = try gather(
      x, at: constant(Tensor(taps.map { Int32($0.start + $0.weights.count - 1) })), axis: axis)
    let weights = try Tensor(taps.map { $0.weights.count > 1 ? $0.weights[1] : 0 }).reshaped(
      to: [taps.count] + [Int](repeating: 1, count: shape(of: x).rank - axis - 1))
    let share = try self[cast(constant(weights), to: spec(of: x).dataType)]
    return try (self[left] + (self[right] - self[left]) * share).value
  }

  /// A weighted sum of elements along one axis (counted from the front) for each new one.
  func resampled(_ x: Value, axis: Int, _ taps: [ImageResampling.Taps]) throws(KerasError) -> Value {
    var sum: Value?
    for number in 0..<(taps.map(\.weights.count).max() ?? 0) {
      // Where there is no such tap, any pixel with weight 0.
      let positions = taps.map { Int32(number < $0.weights.count ? $0.start + number : $0.start) }
      let weights = taps.map { number < $0.weights.count ? $0.weights[number] : 0 }
      var part = try gather(x, at: constant(Tensor(positions)), axis: axis)
      if weights.contains(where: { $0 != 1 }) {
        let column = try Tensor(weights).reshaped(
          to: [taps.count] + [Int](repeating: 1, count: shape(of: x).rank - axis - 1))
        part = try multiply(part, cast(constant(column), to: spec(of: x).dataType))
      }
      if let before = sum { sum = try add(before, part) } else { sum = part }
    }
    return try sum.orElse(x)
  }
}

import KerasModels

/// Filters scaled by a width: the nearest multiple of `divisor`, never below it nor below 90 % of the scaled count.
/// `round_filters` and `_make_divisible` in Keras.
func roundedFilters(_ filters: Double, divisor: Int = 8, minimum: Int? = nil) -> Int {
  let nearest = Int(filters + Double(divisor) / 2) / divisor * divisor
  let rounded = max(minimum ?? divisor, nearest)
  return Double(rounded) < 0.9 * filters ? rounded + divisor : rounded
}

/// Zeros around a picture before a convolution of stride 2 without padding, so that it ends where TensorFlow's `same`
/// ends. `correct_pad` in Keras.
///
/// - Parameter length: of the axis; unknown counts as even.
func padding(before kernelSize: Int, ofLength length: Int?) -> AxisPadding {
  let half = kernelSize / 2
  return AxisPadding(half - (1 - (length ?? 0) % 2), half)
}

/// `x` with the zeros that ``padding(before:ofLength:)`` says around it.
func padded(_ x: SymbolicTensor, before kernelSize: Int, name: String) -> SymbolicTensor {
  // Where one length is not known, neither counts: Keras looks at the first.
  let lengths = x.shape[1] == nil ? [nil, nil] : [x.shape[1], x.shape[2]]
  return ZeroPadding2D(
    vertical: padding(before: kernelSize, ofLength: lengths[0]),
    horizontal: padding(before: kernelSize, ofLength: lengths[1]), name: name)(x)
}

extension SymbolicTensor {
  /// Of a picture with channels last; 0 where the tensor is an error, which then tells more.
  var channels: Int { shape.last.flatMap { $0 } ?? 0 }
}

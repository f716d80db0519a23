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

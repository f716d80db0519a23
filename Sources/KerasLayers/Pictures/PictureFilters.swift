import KerasGraph

extension GraphBuilder {
  /// A filter along one axis of pictures `[batch, height, width, channels]`, the same for each channel, with zeros
  /// around.
  ///
  /// - Parameter weights: `[size]`, an odd number of them or a window that reaches farther down and right.
  package func filtered(_ pictures: RecordedValue, by weights: RecordedValue, axis: Int) throws(KerasError)
    -> RecordedValue
  {
    guard let size = try weights.spec.shape.elementCount, let channels = try pictures.spec.shape.last ?? nil
    else { return pictures }
    let window = axis == 1 ? [size, 1] : [1, size]
    return try filtered(pictures, window, kernel: weights.reshaped(window + [1, 1]), channels: channels)
  }

  /// The same with a kernel over both axes, `[height, width]`.
  func filtered(_ pictures: RecordedValue, by kernel: RecordedValue) throws(KerasError) -> RecordedValue {
    guard let window = try kernel.spec.shape.known, let channels = try pictures.spec.shape.last ?? nil else {
      return pictures
    }
    return try filtered(pictures, window, kernel: kernel.reshaped(window + [1, 1]), channels: channels)
  }

  private func filtered(
    _ pictures: RecordedValue, _ size: [Int], kernel: RecordedValue, channels: Int
  ) throws(KerasError) -> RecordedValue {
    let padding = size.map { AxisPadding(($0 - 1) / 2, $0 / 2) }
    let kernels = try broadcast(
      kernel.cast(to: pictures.spec.dataType).value, to: Shape(size + [1, channels]))
    return self[
      try convolution(
        pictures.value, kernel: kernels, window: Window(size, padding: padding), groups: channels)]
  }

  /// The weights of a Gaussian bell at `size` places around its middle, which sum up to 1.
  ///
  /// - Parameters:
  ///   - deviation: one number.
  ///   - radius: places farther from the middle do not count; nil for all.
  package func bell(_ size: Int, deviation: RecordedValue, radius: RecordedValue? = nil) -> RecordedValue {
    let middle = Float(size - 1) / 2
    let places = numbers((0..<size).map { Float($0) - middle }, [size])
    var heights = ((places / deviation).applying(.square) * -0.5).applying(.exponential)
    if let radius { heights = heights.kept(where: places.applying(.absolute) .<= radius, else: 0) }
    return heights / heights.sum(axes: [0], keepsDimensions: true)
  }
}

import KerasLayers

// What `keras.ops.image` has, beside ``Ops/resize(_:height:width:interpolation:fitting:antialiases:dataFormat:)``.
// Pictures are `[batch, height, width, channels]`, or one without the batch; channels may stand first.

extension Ops {
  /// How bright each pixel is, one channel: 0.2989 · red + 0.5870 · green + 0.1140 · blue.
  public static func rgbToGrayscale<Element: Operand>(
    _ images: Element, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one("RGBToGrayscale", [images], ["data_format": .string(dataFormat.rawValue)])
  }

  /// Hue, saturation and value of red, green and blue from 0 to 1.
  public static func rgbToHSV<Element: Operand>(
    _ images: Element, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one("RGBToHSV", [images], ["data_format": .string(dataFormat.rawValue)])
  }

  /// Red, green and blue of hue, saturation and value.
  public static func hsvToRGB<Element: Operand>(
    _ images: Element, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one("HSVToRGB", [images], ["data_format": .string(dataFormat.rawValue)])
  }

  /// Pictures moved, turned and stretched.
  ///
  /// - Parameter transform: `[batch, 8]` or `[8]`: pixel (x, y) of the result is found at
  ///   ((a₀x + a₁y + a₂) / k, (b₀x + b₁y + b₂) / k) with k = c₀x + c₁y + 1; in the order a, b, c.
  public static func affineTransform<Element: Operand>(
    _ images: Element, _ transform: Element, sampling: PictureSampling = .bilinear,
    filling: PictureFilling = .constant, fillValue: Double = 0, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one(
      "AffineTransform", [images, transform],
      [
        "interpolation": .string(sampling.rawValue), "fill_mode": .string(filling.rawValue),
        "fill_value": number(fillValue), "data_format": .string(dataFormat.rawValue),
      ])
  }

  /// Pictures whose corners are seen elsewhere.
  ///
  /// - Parameters:
  ///   - startPoints: `[batch, 4, 2]` or `[4, 2]`: x and y of four corners, in the order of reading.
  ///   - endPoints: where these are in the result.
  public static func perspectiveTransform<Element: Operand>(
    _ images: Element, startPoints: Element, endPoints: Element, sampling: PictureSampling = .bilinear,
    fillValue: Double = 0, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one(
      "PerspectiveTransform", [images, startPoints, endPoints],
      [
        "interpolation": .string(sampling.rawValue), "fill_value": number(fillValue),
        "data_format": .string(dataFormat.rawValue),
      ])
  }

  /// The values of a tensor between its elements.
  ///
  /// - Parameter coordinates: one tensor for each axis of `x`, stacked along a first axis.
  public static func mapCoordinates<Element: Operand>(
    _ x: Element, _ coordinates: Element, sampling: PictureSampling = .bilinear,
    filling: CoordinateFilling = .constant, fillValue: Double = 0
  ) throws(KerasError) -> Element {
    try one(
      "MapCoordinates", [x, coordinates],
      [
        "order": sampling == .bilinear ? 1 : 0, "fill_mode": .string(filling.rawValue),
        "fill_value": number(fillValue),
      ])
  }

  /// Pictures under a bell of `size` rows and columns.
  public static func gaussianBlur<Element: Operand>(
    _ images: Element, size: [Int] = [3, 3], sigma: [Double] = [1, 1], dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one(
      "GaussianBlur", [images],
      ["kernel_size": JSON(size), "sigma": JSON(sigma), "data_format": .string(dataFormat.rawValue)])
  }

  /// Windows of pictures as channels, `[batch, rows, columns, pixels · channels]`.
  ///
  /// - Parameter strides: nil for windows side by side.
  public static func extractPatches<Element: Operand>(
    _ images: Element, size: [Int], strides: [Int]? = nil, dilations: [Int] = [1, 1],
    padding: ConvolutionPadding = .valid, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one(
      "ExtractPatches", [images],
      [
        "size": JSON(size), "strides": strides.map { JSON($0) } ?? .null, "dilation_rate": JSON(dilations),
        "padding": .string(padding.rawValue), "data_format": .string(dataFormat.rawValue),
      ])
  }

  /// A part of pictures: for each axis, two of what is cut off before, behind, and what is left.
  public static func cropImages<Element: Operand>(
    _ images: Element, top: Int? = nil, left: Int? = nil, bottom: Int? = nil, right: Int? = nil,
    height: Int? = nil, width: Int? = nil, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one(
      "CropImages", [images],
      [
        "top_cropping": JSON(top), "left_cropping": JSON(left), "bottom_cropping": JSON(bottom),
        "right_cropping": JSON(right), "target_height": JSON(height), "target_width": JSON(width),
        "data_format": .string(dataFormat.rawValue),
      ])
  }

  /// Pictures with zeros around: for each axis, two of what is added before, behind, and what it becomes.
  public static func padImages<Element: Operand>(
    _ images: Element, top: Int? = nil, left: Int? = nil, bottom: Int? = nil, right: Int? = nil,
    height: Int? = nil, width: Int? = nil, dataFormat: DataFormat = .channelsLast
  ) throws(KerasError) -> Element {
    try one(
      "PadImages", [images],
      [
        "top_padding": JSON(top), "left_padding": JSON(left), "bottom_padding": JSON(bottom),
        "right_padding": JSON(right), "target_height": JSON(height), "target_width": JSON(width),
        "data_format": .string(dataFormat.rawValue),
      ])
  }
}

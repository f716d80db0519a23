import KerasCore

/// How a picture of any proportions becomes one of a given size.
enum Framing {
  case wholePicture
  case squashed(ImageSize, Interpolation)
  case filled(ImageSize, Interpolation)
  case centerCrop(ImageSize, fraction: Double, Interpolation)
  /// Shrunk in its proportions until no side is longer.
  case within(side: Int, Interpolation)

  /// nil when the picture stays as it is.
  func plan(for source: ImageSize) -> ResizePlan? {
    switch self {
    case .wholePicture: nil
    case .squashed(let size, let interpolation):
      ResizePlan(source, to: size, interpolation)
    case .filled(let size, let interpolation):
      // Keras looks at the size before the proportions.
      size == source ? nil : ResizePlan(croppingToFill: size, from: source, interpolation)
    case .centerCrop(let size, let fraction, let interpolation):
      ResizePlan(centerCrop: size, fraction: fraction, from: source, interpolation)
    case .within(let side, let interpolation):
      source.longestSide <= side ? nil : ResizePlan(source, to: source.scaled(toLongest: side), interpolation)
    }
  }
}

extension ImageSize {
  fileprivate var longestSide: Int { max(height, width) }

  fileprivate func scaled(toLongest side: Int) -> ImageSize {
    let factor = Double(side) / Double(longestSide)
    return ImageSize(
      height: max(1, Int((Double(height) * factor).rounded())),
      width: max(1, Int((Double(width) * factor).rounded())))
  }
}

/// A named way to bring a photograph to a model's input size. Raw values are for commands and reports.
public enum ResizingPreset: String, Hashable, Sendable, CaseIterable {
  /// Squashed to the size, nearest pixels: what `load_img(target_size=…)` does and Keras' examples show.
  case kerasExample = "keras-example"
  /// Squashed to the size by Pillow's antialiasing bilinear filter.
  case bilinearSquash = "bilinear-squash"
  /// Proportions kept: resized (bilinear) until the size covers 87.5 % of the short side (256 for 224), then
  /// the centre is cut out. The published accuracies assume this.
  case centerCrop = "center-crop"

  func framing(_ size: ImageSize) -> Framing {
    switch self {
    case .kerasExample: .squashed(size, .nearest)
    case .bilinearSquash: .squashed(size, .bilinear)
    case .centerCrop: .centerCrop(size, fraction: 0.875, .bilinear)
    }
  }
}

extension Image {
  /// Reads a file and brings it to `size` in a named way.
  public static func load(
    from path: String, colorMode: ColorMode = .rgb, size: ImageSize, preset: ResizingPreset,
    orientation: OrientationPolicy = .ignore, maximumPixelCount: Int = Image.defaultMaximumPixelCount
  ) throws(KerasError) -> Image {
    try size.requireReasonable()
    return try load(path, colorMode, orientation, maximumPixelCount, preset.framing(size))
  }

  /// The picture brought to `size` in a named way.
  public func resized(to size: ImageSize, preset: ResizingPreset) throws(KerasError) -> Image {
    try size.requireReasonable()
    return resized(by: preset.framing(size).plan(for: self.size))
  }

  /// A small picture of a file in its own proportions, upright, for people to look at.
  ///
  /// - Parameter side: what neither height nor width exceeds; smaller pictures keep their size.
  package static func thumbnail(of path: String, within side: Int) throws(KerasError) -> Image {
    try load(path, .rgb, .apply, defaultMaximumPixelCount, .within(side: side, .box))
  }
}

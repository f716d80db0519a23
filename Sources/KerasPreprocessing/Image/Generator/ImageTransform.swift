import KerasCore

/// What is done to one picture: `get_random_transform` of Keras draws it.
public struct ImageTransform: Hashable, Sendable {
  public var warp: AffineWarp
  public var flipsHorizontally: Bool
  public var flipsVertically: Bool
  /// What is added to all channels; nil for nothing.
  public var channelShift: Double?
  /// A factor; nil for none.
  public var brightness: Double?

  public init(
    _ warp: AffineWarp = AffineWarp(), flipsHorizontally: Bool = false, flipsVertically: Bool = false,
    channelShift: Double? = nil, brightness: Double? = nil
  ) {
    self.warp = warp
    (self.flipsHorizontally, self.flipsVertically) = (flipsHorizontally, flipsVertically)
    (self.channelShift, self.brightness) = (channelShift, brightness)
  }
}

extension ImageDataGenerator {
  /// What to do to a picture of a size, drawn with a seed of NumPy's.
  public func randomTransform(height: Int, width: Int, seed: UInt32) -> ImageTransform {
    var random = NumPyRandom(seed: seed)
    return randomTransform(height: height, width: width, &random)
  }

  /// The same with numbers that go on: in Keras' order of draws.
  func randomTransform(height: Int, width: Int, _ random: inout NumPyRandom) -> ImageTransform {
    var transform = ImageTransform()
    func symmetric(_ range: Double) -> Double { range == 0 ? 0 : random.uniform(-range, range) }
    transform.warp.rotation = symmetric(rotationRange)
    // Keras calls the first shift x, which counts columns, and draws it from the range for the height.
    transform.warp.shiftX = heightShiftRange.draw(height, &random)
    transform.warp.shiftY = widthShiftRange.draw(width, &random)
    transform.warp.shear = symmetric(shearRange)
    if zoomRange != 1...1 {
      transform.warp.zoomX = random.uniform(zoomRange.lowerBound, zoomRange.upperBound)
      transform.warp.zoomY = random.uniform(zoomRange.lowerBound, zoomRange.upperBound)
    }
    transform.flipsHorizontally = random.uniform() < 0.5 && horizontalFlip
    transform.flipsVertically = random.uniform() < 0.5 && verticalFlip
    if channelShiftRange != 0 { transform.channelShift = symmetric(channelShiftRange) }
    if let brightnessRange {
      transform.brightness = random.uniform(brightnessRange.lowerBound, brightnessRange.upperBound)
    }
    return transform
  }

  /// Whether there is anything to draw.
  var drawsChanges: Bool {
    let shifts = [widthShiftRange, heightShiftRange].contains {
      ![.none, .fraction(0), .pixels(0)].contains($0)
    }
    return shifts || rotationRange != 0 || shearRange != 0 || zoomRange != 1...1 || channelShiftRange != 0
      || brightnessRange != nil || horizontalFlip || verticalFlip || preprocessingFunction != nil
  }

  /// A picture changed, `[height, width, channels]` or with channels first.
  ///
  /// - Throws: `shapeMismatch` for anything but one picture.
  public func applying(_ transform: ImageTransform, to picture: Tensor) throws(KerasError) -> Tensor {
    try applying(transform, to: PixelGrid(picture, dataFormat)).tensor(dataFormat)
  }

  func applying(_ transform: ImageTransform, to grid: PixelGrid) throws(KerasError) -> PixelGrid {
    var result = grid.warped(by: transform.warp, fillMode, filling: fillValue, order: interpolationOrder)
    if let shift = transform.channelShift { result.shiftChannels(by: shift) }
    result.flip(horizontally: transform.flipsHorizontally, vertically: transform.flipsVertically)
    if let factor = transform.brightness { try result.brighten(by: factor, stretches: false) }
    return result
  }

  /// `standardize`: the function, the factor, and what centers and normalizes, in Keras' order.
  ///
  /// - Parameter picture: one, or a batch whose channels stand where the generator's do.
  /// - Throws: `shapeMismatch` where it does not fit what ``fit(_:augmenting:rounds:seed:)`` has seen; `custom` of the function.
  public func standardizing(_ picture: Tensor) throws(KerasError) -> Tensor {
    let channels = try channelCount(of: picture)
    var picture = picture
    if let preprocessingFunction {
      let result = try wrappingErrors { try preprocessingFunction(picture) }
      try require(
        result.shape == picture.shape, .shapeMismatch,
        "A preprocessing function keeps the shape \(picture.shape), found \(result.shape).")
      picture = result
    }
    var numbers: [Float] = picture.scalars()
    if let rescale { for i in numbers.indices { numbers[i] *= Float(rescale) } }
    if samplewiseCenter {
      let mean = numbers.reduce(0.0) { $0 + Double($1) } / Double(max(numbers.count, 1))
      for i in numbers.indices { numbers[i] -= Float(mean) }
    }
    if samplewiseStdNormalization {
      let (_, deviation) = Self.moments(numbers)
      for i in numbers.indices { numbers[i] /= Float(deviation) + 1e-6 }
    }
    let plane = dataFormat == .channelsLast ? 1 : picture.shape.suffix(2).reduce(1, *)
    func channel(_ index: Int) -> Int { index / plane % channels }
    if let mean {
      try requireFit(mean.count, channels)
      if featurewiseCenter { for i in numbers.indices { numbers[i] -= mean[channel(i)] } }
    }
    if let standardDeviation {
      try requireFit(standardDeviation.count, channels)
      for i in numbers.indices { numbers[i] /= standardDeviation[channel(i)] + 1e-6 }
    }
    if zcaWhitening, let whiteningMatrix {
      numbers = try whitened(numbers, whiteningMatrix)
    }
    return try Tensor(numbers, shape: picture.shape)
  }

  /// Whether ``fit(_:augmenting:rounds:seed:)`` must see data first.
  var needsFit: Bool {
    featurewiseCenter && mean == nil || featurewiseStdNormalization && standardDeviation == nil
      || zcaWhitening && whiteningMatrix == nil
  }

  private func requireFit(_ count: Int, _ channels: Int) throws(KerasError) {
    try require(
      count == channels, .shapeMismatch,
      "The generator has seen pictures of \(count) channels, found \(channels).")
  }

  func channelCount(of pictures: Tensor) throws(KerasError) -> Int {
    let shape = pictures.shape
    guard (3...4).contains(shape.count), shape.allSatisfy({ $0 > 0 }) else {
      throw KerasError(.shapeMismatch, "Expected pictures of three or four axes, found shape \(shape).")
    }
    return dataFormat == .channelsLast ? shape[shape.count - 1] : shape[shape.count - 3]
  }

  static func moments(_ numbers: [Float]) -> (mean: Double, deviation: Double) {
    let count = Double(max(numbers.count, 1))
    let mean = numbers.reduce(0.0) { $0 + Double($1) } / count
    let variance = numbers.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    return (mean, variance.squareRoot())
  }
}

import KerasGraph

/// Changes the colours of pictures at random.
open class RandomColorChange: RandomAugmentation, @unchecked Sendable {
  @Setting("value_range") var valueRange: ValueRange

  /// - Parameter valueRange: of the pixels.
  init(_ valueRange: ClosedRange<Double>, _ seed: Int?, _ dataFormat: DataFormat?, name: String?) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    self.valueRange = ValueRange(valueRange)
  }
}

/// A ``RandomColorChange`` of one strength.
open class RandomColorFactor: RandomColorChange, @unchecked Sendable {
  @Setting("factor", .required) public private(set) var factor: Factor

  init(
    _ factor: Factor, _ valueRange: ClosedRange<Double>, _ seed: Int?, _ dataFormat: DataFormat?,
    name: String?
  ) {
    super.init(valueRange, seed, dataFormat, name: name)
    self.factor = factor
  }

  /// What the factor may be.
  class var bounds: ClosedRange<Double> { 0...1 }

  final func range() throws(KerasError) -> ClosedRange<Double> { try factor.range(within: Self.bounds) }

  public final override func checkSettings() throws { _ = try range() }
}

/// Makes pictures brighter or darker: adds a share of the range of values.
public final class RandomBrightness: RandomColorFactor, @unchecked Sendable {
  /// - Parameter factor: the share, −1 to 1.
  public init(
    _ factor: Factor, valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(factor, valueRange, seed, dataFormat, name: name)
  }

  override class var bounds: ClosedRange<Double> { -1...1 }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let shares = try draws.uniform(range(), [batch.count, 1, 1, 1])
    return batch.with(valueRange.clipped(batch.images + shares * (valueRange.high - valueRange.low)))
  }
}

/// Moves pixels away from their picture's mean or towards it.
public final class RandomContrast: RandomColorFactor, @unchecked Sendable {
  /// - Parameter factor: 0 to 1; distances are multiplied with 1 − its lower end to 1 + its upper end.
  public init(
    _ factor: Factor, valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(factor, valueRange, seed, dataFormat, name: name)
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let range = try range()
    let factors = draws.uniform(1 - range.lowerBound...1 + range.upperBound, [batch.count, 1, 1, 1])
    let mean = batch.images.mean(axes: [1]).mean(axes: [2])
    return batch.with(valueRange.clipped((batch.images - mean) * factors + mean))
  }
}

/// Makes colours stronger or paler.
public final class RandomSaturation: RandomColorFactor, @unchecked Sendable {
  /// - Parameter factor: f multiplies the saturation with f / (1 − f): 0.5 leaves it, 0 leaves gray.
  public init(
    _ factor: Factor, valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(factor, valueRange, seed, dataFormat, name: name)
  }

  override class var bounds: ClosedRange<Double> { -1...1 }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    try batch.images.requireColors(className)
    let drawn = try draws.uniform(range(), [batch.count, 1, 1, 1])
    let parts = batch.images.hueSaturationValue()
    let saturation = valueRange.clipped(parts[1] * (drawn / (1 - drawn + 1e-7)))
    return batch.with(.colors(hue: parts[0], saturation: saturation, value: parts[2]))
  }
}

/// Turns the hue of colours, one way or the other.
public final class RandomHue: RandomColorFactor, @unchecked Sendable {
  /// - Parameter factor: 0 to 1; 1 is half a turn.
  public init(
    _ factor: Factor, valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(factor, valueRange, seed, dataFormat, name: name)
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    try batch.images.requireColors(className)
    let shape = [batch.count, 1, 1, 1]
    let turn = try draws.sign(shape) * draws.uniform(range(), shape) * 0.5
    let parts = valueRange.scaled(batch.images, to: 1).hueSaturationValue()
    var hue = parts[0] + turn
    hue = (hue - 1).kept(where: hue .> 1, else: hue)
    hue = (hue + 1).kept(where: hue .< 0, else: hue)
    let colors = RecordedValue.colors(hue: hue, saturation: parts[1], value: parts[2])
    return batch.with(valueRange.restored(colors.clipped(0, 1), from: 1))
  }
}

/// Blends pictures with their gray.
public final class RandomColorDegeneration: RandomColorFactor, @unchecked Sendable {
  /// - Parameter factor: how gray they get, −1 to 1: 1 is all gray, below 0 colours get stronger.
  public init(
    _ factor: Factor, valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(factor, valueRange, seed, dataFormat, name: name)
  }

  override class var bounds: ClosedRange<Double> { -1...1 }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let shares = try draws.uniform(range(), [batch.count, 1, 1, 1])
    let blended = batch.images + shares * (batch.images.grayscale() - batch.images)
    return batch.with(valueRange.clipped(blended))
  }
}

/// Brightness, contrast, saturation and hue, one after the other.
public final class RandomColorJitter: RandomColorChange, @unchecked Sendable {
  @Setting("brightness_factor") public private(set) var brightness: Factor?
  @Setting("contrast_factor") public private(set) var contrast: Factor?
  @Setting("saturation_factor") public private(set) var saturation: Factor?
  @Setting("hue_factor") public private(set) var hue: Factor?

  /// Each factor is that of the layer of its name; nil leaves it out.
  public init(
    brightness: Factor? = nil, contrast: Factor? = nil, saturation: Factor? = nil, hue: Factor? = nil,
    valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil, dataFormat: DataFormat? = nil,
    name: String? = nil
  ) {
    super.init(valueRange, seed, dataFormat, name: name)
    (self.brightness, self.contrast) = (brightness, contrast)
    (self.saturation, self.hue) = (saturation, hue)
  }

  private var steps: [RandomColorFactor] {
    let range = valueRange.low...valueRange.high
    // A name, so that none of the session's is used up.
    return [
      brightness.map { RandomBrightness($0, valueRange: range, name: name) },
      contrast.map { RandomContrast($0, valueRange: range, name: name) },
      saturation.map { RandomSaturation($0, valueRange: range, name: name) },
      hue.map { RandomHue($0, valueRange: range, name: name) },
    ].compactMap { $0 }
  }

  public override func checkSettings() throws { for step in steps { try step.checkSettings() } }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    var batch = batch
    for step in steps { batch = try step.augment(batch, draws) }
    return batch
  }
}

/// Makes some pictures gray.
public final class RandomGrayscale: RandomAugmentation, @unchecked Sendable {
  /// The probability.
  @Setting("factor") public private(set) var factor: Double

  public init(_ factor: Double = 0.5, seed: Int? = nil, dataFormat: DataFormat? = nil, name: String? = nil) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    self.factor = factor
  }

  public override func checkSettings() throws {
    try require((0...1).contains(factor), "`factor` must be from 0 to 1, found \(factor).")
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let applies = draws.uniform(0...1, [batch.count, 1, 1, 1]) .< factor
    return batch.with(batch.images.grayscale().kept(where: applies, else: batch.images))
  }
}

/// Turns some pictures into their negatives.
public final class RandomInvert: RandomColorChange, @unchecked Sendable {
  @Setting("factor") public private(set) var factor: Factor

  /// - Parameter factor: the probability, or a range from which it is drawn.
  public init(
    _ factor: Factor = 1, valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(valueRange, seed, dataFormat, name: name)
    self.factor = factor
  }

  public override func checkSettings() throws { _ = try factor.range(within: 0...1) }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let applies = try draws.chance(factor.range(within: 0...1), [batch.count, 1, 1, 1])
    return batch.with((valueRange.high - batch.images).kept(where: applies, else: batch.images))
  }
}

/// Leaves pictures fewer shades: so many bits for each number.
public final class RandomPosterization: RandomColorFactor, @unchecked Sendable {
  /// - Parameter factor: how many bits are left, 1 to 8; of a range, all but the upper end.
  public init(
    _ factor: Factor, valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(factor, valueRange, seed, dataFormat, name: name)
  }

  override class var bounds: ClosedRange<Double> { 1...8 }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let range = try range()
    let (low, high) = (range.lowerBound.rounded(.down), range.upperBound.rounded(.down))
    let bits = draws.uniform(low...high, [batch.count]).applying(.floor).cast(to: .int32)
    // A step of 2^(8 − bits) from shade to shade.
    let steps = draws.graph.numbers((0...8).map { Float(1 << (8 - $0)) }, [9]).gathered(at: bits)
      .reshaped([batch.count, 1, 1, 1])
    let shades = valueRange.scaled(batch.images).clipped(0, 255).applying(.floor)
    return batch.with(valueRange.restored((shades / steps).applying(.floor) * steps))
  }
}

/// Adds to the pixels of pictures, and turns those into their negatives that lie above a threshold then.
public final class Solarization: RandomColorChange, @unchecked Sendable {
  @Setting("addition_factor") public private(set) var addition: Factor
  @Setting("threshold_factor") public private(set) var threshold: Factor

  /// - Parameters:
  ///   - addition: what is added at most, as a share of 255, 0 to 1.
  ///   - threshold: the same of the threshold; 0 for negatives of all.
  public init(
    addition: Factor = 0, threshold: Factor = 0, valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(valueRange, seed, dataFormat, name: name)
    self.addition = addition
    self.threshold = threshold
  }

  /// Keras scales the upper end alone to pixels.
  private func ranges() throws(KerasError) -> (addition: ClosedRange<Double>, threshold: ClosedRange<Double>)
  {
    let addition = try addition.rangeFromZero(to: 1, "addition_factor")
    let threshold = try threshold.rangeFromZero(to: 1, "threshold_factor")
    return (
      addition.lowerBound...max(addition.lowerBound, addition.upperBound * 255),
      threshold.lowerBound...max(threshold.lowerBound, threshold.upperBound * 255)
    )
  }

  public override func checkSettings() throws { _ = try ranges() }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let (ranges, shape) = (try ranges(), [batch.count, 1, 1, 1])
    let (added, threshold) = (draws.uniform(ranges.addition, shape), draws.uniform(ranges.threshold, shape))
    let pixels = (valueRange.scaled(batch.images) + added).clipped(0, 255)
    return batch.with(valueRange.restored(pixels.kept(where: pixels .< threshold, else: 255 - pixels)))
  }
}

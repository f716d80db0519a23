import KerasGraph

/// Moves the pixels of some pictures as if these were printed on rubber.
///
/// Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural Networks" (2003), section 2: noise, smoothed
/// by a Gaussian bell.
public final class RandomElasticTransform: RandomAugmentation, @unchecked Sendable {
  @Setting("factor") public private(set) var factor: Factor
  @Setting("scale") public private(set) var scale: Factor
  @Setting("interpolation") public private(set) var sampling: PictureSampling
  @Setting("fill_mode") public private(set) var filling: CoordinateFilling
  @Setting("fill_value") public private(set) var fillValue: Double
  @Setting("value_range") private var valueRange: ValueRange

  /// - Parameters:
  ///   - factor: the probability of a change, or a range from which it is drawn.
  ///   - scale: how far pixels move, 0 to 1.
  ///   - valueRange: of the pixels.
  public init(
    _ factor: Factor = 1, scale: Factor = 1, sampling: PictureSampling = .bilinear,
    filling: CoordinateFilling = .reflect, fillValue: Double = 0, valueRange: ClosedRange<Double> = 0...255,
    seed: Int? = nil, dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    self.factor = factor
    self.scale = scale
    self.sampling = sampling
    self.filling = filling
    self.fillValue = fillValue
    self.valueRange = ValueRange(valueRange)
  }

  public override func checkSettings() throws {
    _ = (try factor.range(within: 0...1), try scale.range(within: 0...1, "scale"))
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let (chances, strengths) = (
      try factor.range(within: 0...1), try scale.range(within: 0...1, "scale")
    )
    guard chances.upperBound > 0, strengths.upperBound > 0 else { return batch }
    let applies = draws.chance(chances, [batch.count, 1, 1, 1])
    // One strength for all pictures of a batch.
    let strength = draws.uniform(max(strengths.lowerBound, 1e-6)...strengths.upperBound, [1])
    let alpha = strength * (0.1 * Double(max(batch.height, batch.width)))
    let sigma = strength * (0.05 * Double(min(batch.height, batch.width)))
    let moved = try draws.elasticallyMoved(
      batch, alpha: alpha, sigma: sigma,
      largestSigma: 0.05 * strengths.upperBound * Double(min(batch.height, batch.width)), sampling, filling,
      value: fillValue)
    return batch.with(valueRange.clipped(moved.kept(where: applies, else: batch.images)))
  }
}

extension Draws {
  /// Pictures whose pixels come from elsewhere: `alpha` times smoothed noise away.
  ///
  /// - Parameters:
  ///   - sigma: deviation of the bell that smooths, and of the noise; `[1]`.
  ///   - largestSigma: an upper bound of it, which says how much room its window needs.
  func elasticallyMoved(
    _ batch: PictureBatch, alpha: RecordedValue, sigma: RecordedValue, largestSigma: Double,
    _ sampling: PictureSampling, _ filling: CoordinateFilling, value: Double
  ) throws(KerasError) -> RecordedValue {
    let (height, width) = (batch.height, batch.width)
    let size = 6 * Int(largestSigma) | 1
    let bell = graph.bell(size, deviation: sigma, radius: sigma.applying(.floor) * 3)
    func field() throws(KerasError) -> RecordedValue {
      let noise = numbers(.normal(mean: 0, deviation: 1), [batch.count, height, width, 1]) * sigma
      let smooth = try graph.filtered(graph.filtered(noise, by: bell, axis: 1), by: bell, axis: 2)
      return smooth.reshaped([batch.count, height, width]) * alpha
    }
    let x = try field() + graph.numbers((0..<width).map { Float($0) }, [1, 1, width])
    let y = try field() + graph.numbers((0..<height).map { Float($0) }, [1, height, 1])
    return try graph.sampled(
      batch.images, x: x, y: y, sampling, folding: filling, filling: filling == .constant ? value : nil)
  }
}

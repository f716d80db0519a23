import KerasGraph

/// Shows some pictures as if seen from the side.
public final class RandomPerspective: RandomAugmentation, @unchecked Sendable {
  @Setting("factor") public private(set) var factor: Factor
  @Setting("scale") public private(set) var scale: Double
  @Setting("interpolation") public private(set) var sampling: PictureSampling
  @Setting("fill_value") public private(set) var fillValue: Double

  /// - Parameters:
  ///   - factor: the probability of a change, or a range from which it is drawn.
  ///   - scale: how far corners move, 0 to 1.
  public init(
    _ factor: Factor = 1, scale: Double = 1, sampling: PictureSampling = .bilinear, fillValue: Double = 0,
    seed: Int? = nil, dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    self.factor = factor
    self.scale = scale
    self.sampling = sampling
    self.fillValue = fillValue
  }

  public override func checkSettings() throws {
    _ = try factor.range(within: 0...1)
    try require((0...1).contains(scale), "`scale` must be from 0 to 1, found \(scale).")
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let applies = try draws.chance(factor.range(within: 0...1), [batch.count, 1, 1, 1])
    let shifts = draws.uniform(-0.5 * scale...0.5 * scale, [batch.count, 4, 2])
    let (right, bottom) = (Float(batch.width - 1), Float(batch.height - 1))
    let corners = draws.graph.numbers([0, 0, right, 0, 0, bottom, right, bottom], [1, 4, 2])
    // Pictures one pixel wide have no corners to move.
    guard batch.width > 1, batch.height > 1 else { return batch }
    let seen = try draws.graph.projected(
      batch.images, by: Projection(from: corners, to: corners + corners * shifts), sampling, .constant,
      value: fillValue)
    return batch.with(seen.kept(where: applies, else: batch.images))
  }
}

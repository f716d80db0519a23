import KerasGraph

/// Several changes drawn from eleven, each for a whole batch.
///
/// Cubuk et al., "RandAugment: Practical Automated Data Augmentation with a Reduced Search Space" (2020). All changes
/// are computed, and the drawn one is taken: as in Keras, this is work for few and small pictures.
public final class RandAugment: RandomAugmentation, @unchecked Sendable {
  @Setting("value_range") private var valueRange: ValueRange
  @Setting("num_ops") public private(set) var changeCount: Int
  @Setting("factor") public private(set) var factor: Factor
  @Setting("interpolation") public private(set) var sampling: PictureSampling

  /// - Parameters:
  ///   - changeCount: how many changes follow each other.
  ///   - factor: how strong they are, 0 to 1.
  public init(
    valueRange: ClosedRange<Double> = 0...255, changeCount: Int = 2, factor: Factor = 0.5,
    sampling: PictureSampling = .bilinear, seed: Int? = nil, dataFormat: DataFormat? = nil,
    name: String? = nil
  ) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    self.valueRange = ValueRange(valueRange)
    self.changeCount = changeCount
    self.factor = factor
    self.sampling = sampling
  }

  public override func checkSettings() throws {
    _ = try factor.range(within: 0...1)
    try require((0...64).contains(changeCount), "`num_ops` must be from 0 to 64, found \(changeCount).")
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let changes = try AugmentationChoice(
      factor.range(within: 0...1), valueRange.low...valueRange.high, sampling, all: true, name: name)
    var batch = batch
    let choices = draws.choice(of: changes.count, [changeCount])
    for number in 0..<changeCount {
      batch = try changes.apply(choices.element(number, axis: 0), to: batch, draws)
    }
    return batch
  }
}

/// Mixes several chains of changes with the picture itself.
///
/// Hendrycks et al., "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty" (2020). As
/// ``RandAugment``, it computes all changes for each that it draws.
public final class AugMix: RandomAugmentation, @unchecked Sendable {
  @Setting("value_range") private var valueRange: ValueRange
  @Setting("num_chains") public private(set) var chainCount: Int
  @Setting("chain_depth") public private(set) var chainDepth: Int
  @Setting("factor") public private(set) var factor: Factor
  @Setting("alpha") public private(set) var alpha: Double
  @Setting("all_ops") public private(set) var usesAllChanges: Bool
  @Setting("interpolation") public private(set) var sampling: PictureSampling

  /// - Parameters:
  ///   - chainDepth: how many changes follow each other in a chain; each may be none.
  ///   - factor: how strong they are, 0 to 1.
  ///   - alpha: the parameter of the distributions from which the shares of chains and picture are drawn.
  ///   - usesAllChanges: whether brightness, contrast, sharpness and colour change, too.
  public init(
    valueRange: ClosedRange<Double> = 0...255, chainCount: Int = 3, chainDepth: Int = 3, factor: Factor = 0.3,
    alpha: Double = 1, usesAllChanges: Bool = true, sampling: PictureSampling = .bilinear, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    self.valueRange = ValueRange(valueRange)
    (self.chainCount, self.chainDepth) = (chainCount, chainDepth)
    (self.factor, self.alpha) = (factor, alpha)
    self.usesAllChanges = usesAllChanges
    self.sampling = sampling
  }

  public override func checkSettings() throws {
    _ = try factor.range(within: 0...1)
    try require(
      (1...64).contains(chainCount) && (0...64).contains(chainDepth),
      "`num_chains` and `chain_depth` must be up to 64, found \(chainCount) and \(chainDepth).")
    try require(alpha > 0 && alpha.isFinite, "`alpha` must be above 0, found \(alpha).")
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let changes = try AugmentationChoice(
      factor.range(within: 0...1), valueRange.low...valueRange.high, sampling, all: usesAllChanges, name: name
    )
    let parameter = draws.graph.numbers([Float(alpha)], [1])
    let shares = draws.dirichlet(parameter, chainCount)
    let kept = draws.beta(parameter, 1)
    var mixed = batch.images * 0
    for number in 0..<chainCount {
      var chain = batch
      for _ in 0..<chainDepth {
        // One more than there are: nothing changes.
        chain = try changes.apply(draws.choice(of: changes.count + 1, [1]), to: chain, draws)
      }
      mixed = mixed + chain.images * shares.element(number, axis: 0)
    }
    return batch.with(valueRange.clipped(kept * batch.images + (1 - kept) * mixed))
  }
}

/// The changes of which ``RandAugment`` and ``AugMix`` draw.
private struct AugmentationChoice {
  private let warps: [RandomWarp]
  private let others: [Augmentation]
  var count: Int { warps.count + others.count }

  init(
    _ range: ClosedRange<Double>, _ values: ClosedRange<Double>, _ sampling: PictureSampling, all: Bool,
    name: String
  ) {
    let factor = Factor.range(range.lowerBound, range.upperBound)
    // Keras leaves 1 to so many bits.
    let bits = Factor.number(max(1, (8 * range.upperBound).rounded(.down)))
    // Names, so that none of the session's are used up.
    warps = [
      RandomShear(x: factor, y: factor, sampling: sampling, name: name),
      RandomTranslation(height: factor, width: factor, sampling: sampling, name: name),
      RandomRotation(factor, sampling: sampling, name: name),
    ]
    let colors: [Augmentation] = [
      RandomBrightness(factor, valueRange: values, name: name),
      RandomColorDegeneration(factor, valueRange: values, name: name),
      RandomContrast(factor, valueRange: values, name: name),
      RandomSharpness(factor, valueRange: values, name: name),
    ]
    others =
      (all ? colors : []) + [
        RandomPosterization(bits, valueRange: values, name: name),
        Solarization(addition: factor, threshold: factor, valueRange: values, name: name),
        AutoContrast(valueRange: values, name: name), Equalization(valueRange: values, name: name),
      ]
  }

  /// The pictures after the change number `choice`, `int32 [1]`; as they are for a number behind the last.
  func apply(_ choice: RecordedValue, to batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    // What only moves pixels is one warp, whichever it is.
    var projection = try warps[0].projection(for: batch, draws)
    for (number, warp) in warps.enumerated().dropFirst() {
      projection = try warp.projection(for: batch, draws).kept(
        where: choice .== Double(number), else: projection)
    }
    let warped = try draws.graph.projected(
      batch.images, by: projection, warps[0].sampling, warps[0].filling, value: warps[0].fillValue)
    var result = warped.kept(where: choice .< Double(warps.count), else: batch.images)
    for (number, change) in others.enumerated() {
      let changed = try change.augment(batch, draws).images
      result = changed.kept(where: choice .== Double(warps.count + number), else: result)
    }
    return batch.with(result)
  }
}

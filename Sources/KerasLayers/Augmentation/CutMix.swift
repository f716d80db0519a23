import KerasGraph

/// Puts a rectangle of another picture of the batch into each, and mixes their labels as large as it is.
///
/// Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features" (2019).
public final class CutMix: RandomAugmentation, @unchecked Sendable {
  @Setting("factor") public private(set) var factor: Factor

  /// - Parameter factor: the parameter of the beta distribution of which the part kept is drawn, or a range, 0 to 1.
  public init(_ factor: Factor = 1, seed: Int? = nil, dataFormat: DataFormat? = nil, name: String? = nil) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    self.factor = factor
  }

  public override func checkSettings() throws { _ = try factor.range(within: 0...1) }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let alpha = try draws.uniform(factor.range(within: 0...1), [1]) + 1e-6
    let kept = draws.beta(alpha, batch.count).reshaped([batch.count, 1, 1, 1])
    let side = (1 - kept).combined(.maximum, with: 0).applying(.squareRoot)
    let box = PictureBox(width: side, height: side, batch, draws)
    let order = draws.order(of: batch.count)
    var mixed = batch.with(batch.images.gathered(at: order).kept(where: box.mask, else: batch.images))
    mixed.labels = try batch.mixedLabels(with: order, share: box.share)
    return mixed
  }
}

/// Blends each picture with another of the batch, and their labels.
///
/// Zhang et al., "mixup: Beyond Empirical Risk Minimization" (2018).
public final class MixUp: RandomAugmentation, @unchecked Sendable {
  @Setting("alpha") public private(set) var alpha: Double

  /// - Parameter alpha: the parameter of the beta distribution of which shares are drawn: the smaller, the less are
  ///   most pictures changed.
  public init(alpha: Double = 0.2, seed: Int? = nil, dataFormat: DataFormat? = nil, name: String? = nil) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    self.alpha = alpha
  }

  public override func checkSettings() throws {
    try require(alpha > 0 && alpha.isFinite, "`alpha` must be above 0, found \(alpha).")
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let order = draws.order(of: batch.count)
    let kept = draws.beta(draws.graph.numbers([Float(alpha)], [1]), batch.count)
      .reshaped([batch.count, 1, 1, 1])
    var mixed = batch.with(kept * batch.images + (1 - kept) * batch.images.gathered(at: order))
    mixed.labels = try batch.mixedLabels(with: order, share: 1 - kept)
    return mixed
  }
}

extension PictureBatch {
  /// Labels with a share `[batch, 1, 1, 1]` of those of other pictures.
  fileprivate func mixedLabels(
    with order: RecordedValue, share: RecordedValue
  ) throws(KerasError) -> RecordedValue? {
    guard let labels else { return nil }
    let spec = try labels.spec
    try require(
      spec.shape.first == .some(count) && spec.shape.rank >= 2, .shapeMismatch,
      "Labels that can be mixed are [\(count), classes], found \(spec).",
      remedy: "give one number for each class (one-hot), not the class's number.")
    let type: DataType = spec.dataType.isFloatingPoint ? spec.dataType : .float32
    let numbers = labels.cast(to: type)
    let shares = share.cast(to: type).reshaped([count] + [Int](repeating: 1, count: spec.shape.rank - 1))
    return (1 - shares) * numbers + shares * numbers.gathered(at: order)
  }
}

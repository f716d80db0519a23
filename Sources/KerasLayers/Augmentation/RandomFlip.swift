import KerasGraph

/// Turns every other picture over: left and right, top and bottom, or both at once.
public final class RandomFlip: RandomAugmentation, @unchecked Sendable {
  public enum Mode: String, SettingValue, Hashable, Sendable, CaseIterable {
    case horizontal, vertical
    case horizontalAndVertical = "horizontal_and_vertical"
  }

  @Setting("mode") public private(set) var mode: Mode

  public init(
    _ mode: Mode = .horizontalAndVertical, seed: Int? = nil, dataFormat: DataFormat? = nil,
    name: String? = nil
  ) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    self.mode = mode
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let flips = draws.uniform(0...1, [batch.count, 1, 1, 1]) .<= 0.5
    var flipped = batch.images
    if mode != .vertical { flipped = flipped.reversed(axis: 2) }
    if mode != .horizontal { flipped = flipped.reversed(axis: 1) }
    return batch.with(flipped.kept(where: flips, else: batch.images))
  }
}

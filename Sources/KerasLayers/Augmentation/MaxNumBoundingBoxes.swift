import KerasGraph

/// Would limit the number of boxes that come with pictures; pictures alone it leaves as they are.
public final class MaxNumBoundingBoxes: Augmentation, @unchecked Sendable {
  @Setting("max_number", .required) public private(set) var maximum: Int
  @Setting("fill_value") private var fillValue: Int

  public init(_ maximum: Int, name: String? = nil) {
    super.init(name: name)
    self.maximum = maximum
    fillValue = -1
  }
}

/// Stretches the pictures of a batch to a random height while training, which no program of fixed shapes can; for
/// files of Keras 2, which predict.
final class RandomHeight: RandomSize, @unchecked Sendable {}

/// The same of the width.
final class RandomWidth: RandomSize, @unchecked Sendable {}

class RandomSize: RandomAugmentation, @unchecked Sendable {
  @Setting("factor", .required) private var factor: Factor
  @Setting("interpolation") private var interpolation: String

  init(name: String? = nil) {
    super.init(name: name)
    factor = 0
    interpolation = "bilinear"
  }

  override var convertsPixels: Bool { false }

  override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    throw KerasError(
      .unsupported,
      "\(className) gives pictures another size at each step, which programs of known shapes cannot.",
      remedy: "use RandomZoom instead; it predicts as it is.")
  }
}

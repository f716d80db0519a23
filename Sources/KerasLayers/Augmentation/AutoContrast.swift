import KerasGraph

/// Stretches each channel of each picture so that it fills the range of values; predictions, too.
public final class AutoContrast: Augmentation, @unchecked Sendable {
  @Setting("value_range") private var valueRange: ValueRange

  /// - Parameter valueRange: of the pixels.
  public init(valueRange: ClosedRange<Double> = 0...255, dataFormat: DataFormat? = nil, name: String? = nil) {
    super.init(dataFormat: dataFormat, name: name)
    self.valueRange = ValueRange(valueRange)
  }

  public override var worksInPredictions: Bool { true }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let pixels = valueRange.scaled(batch.images)
    // Keras counts axes as if channels stood last, wherever they stand.
    let axes = dataFormat == .channelsFirst ? [1, 3] : [1, 2]
    let (low, high) = (pixels.reduced(.minimum, axes: axes), pixels.reduced(.maximum, axes: axes))
    let range = high - low
    let scale = 255 / range.kept(where: range .!= 0, else: 1)
    let stretched = (pixels * scale - low * scale).clipped(0, 255)
    return batch.with(valueRange.restored(stretched).kept(where: range .!= 0, else: batch.images))
  }
}

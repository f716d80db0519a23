import KerasGraph

/// Makes all brightnesses about equally frequent in each channel of a batch, while training.
public final class Equalization: Augmentation, @unchecked Sendable {
  @Setting("value_range") private var valueRange: ValueRange
  @Setting("bins") public private(set) var bins: Int

  /// - Parameters:
  ///   - valueRange: of the pixels.
  ///   - bins: how many brightnesses are told apart.
  public init(
    valueRange: ClosedRange<Double> = 0...255, bins: Int = 256, dataFormat: DataFormat? = nil,
    name: String? = nil
  ) {
    super.init(dataFormat: dataFormat, name: name)
    self.valueRange = ValueRange(valueRange)
    self.bins = bins
  }

  public override func checkSettings() throws {
    try require((1...1 << 16).contains(bins), "`bins` must be from 1 to 65536, found \(bins).")
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let pixels = valueRange.scaled(batch.images)
    try require(
      bins * batch.channels <= 1 << 28, .shapeMismatch,
      "\(bins) bins for each of \(batch.channels) channels are too many to count.")
    let last = Double(bins - 1)
    // Channel number c counts in the bins from c · bins on.
    let first = draws.graph.numbers((0..<batch.channels).map { Int32($0 * bins) }, [1, 1, 1, batch.channels])
    let counted = first + (pixels * last / 255).clipped(0, last).cast(to: .int32)
    let counts = try draws.graph.counts(of: counted, below: bins * batch.channels)
      .reshaped([batch.channels, bins])
    let sums = try draws.graph[draws.graph.cumulative(.sum, counts.value, axis: 1)]
    let smallest = sums.kept(where: sums .> 0, else: Double(Int32.max)).reduced(.minimum, axes: [1])
    let range = (sums.reduced(.maximum, axes: [1]) - smallest).cast(to: .float32)
    let table =
      ((sums - smallest).cast(to: .float32) * 255 / range.kept(where: range .!= 0, else: 1))
      .applying(.round).clipped(0, 255)
    let found = first + (pixels / 255 * last).clipped(0, last).cast(to: .int32)
    let equalized = table.reshaped([bins * batch.channels]).gathered(at: found)
    let used = (counts .> 0).cast(to: .int32).sum(axes: [1]).reshaped([1, 1, 1, batch.channels])
    let type = try batch.images.spec.dataType
    return batch.with(
      valueRange.restored(pixels.kept(where: used .<= 1, else: equalized.cast(to: type))))
  }
}

extension GraphBuilder {
  /// How often each whole number from 0 to below `limit` occurs, `int32 [limit]`.
  func counts(of numbers: RecordedValue, below limit: Int) throws(KerasError) -> RecordedValue {
    let count = try numbers.spec.shape.elementCount ?? 0
    let ones = try filled(1, [count], .int32)
    return try self[scatterAdd(ones, at: numbers.reshaped([count]).value, length: limit)]
  }
}

import KerasGraph

/// Covers a rectangle of some pictures.
///
/// Zhong et al., "Random Erasing Data Augmentation" (2020).
public final class RandomErasing: RandomAugmentation, @unchecked Sendable {
  @Setting("factor") public private(set) var factor: Factor
  @Setting("scale") public private(set) var scale: Factor
  @Setting("fill_value", [Double]?.erasing) public private(set) var fillValue: [Double]?
  @Setting("value_range") private var valueRange: ValueRange

  /// - Parameters:
  ///   - factor: the probability, or a range from which it is drawn.
  ///   - scale: the square of the share of height and width, 0 to 1.
  ///   - fillValue: one number, or one for each channel; nil for noise.
  public init(
    _ factor: Factor = 1, scale: Factor = .range(0.02, 0.33), fillValue: [Double]? = nil,
    valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil, dataFormat: DataFormat? = nil,
    name: String? = nil
  ) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    self.factor = factor
    self.scale = scale
    self.fillValue = fillValue
    self.valueRange = ValueRange(valueRange)
  }

  public override func checkSettings() throws {
    _ = (try factor.range(within: 0...1), try scale.range(within: 0...1, "scale"))
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let shape = [batch.count, 1, 1, 1]
    let sides = try scale.range(within: 0...1, "scale")
    let (width, height) = (draws.uniform(sides, shape), draws.uniform(sides, shape))
    let box = PictureBox(
      width: width.applying(.squareRoot), height: height.applying(.squareRoot), batch, draws)
    let applies = try draws.chance(factor.range(within: 0...1), shape)
    let filling: RecordedValue
    if let fillValue {
      try require(
        fillValue.count == 1 || fillValue.count == batch.channels, .shapeMismatch,
        "`fill_value` must be one number or \(batch.channels), found \(fillValue).")
      filling = draws.graph.numbers(fillValue.map { Float($0) }, [1, 1, 1, fillValue.count])
    } else {
      let lengths = [batch.count, batch.height, batch.width, batch.channels]
      filling = draws.numbers(.normal(mean: 0, deviation: 1), lengths) * valueRange.high
    }
    let color = valueRange.clipped(filling).cast(to: try batch.images.spec.dataType)
    return batch.with(color.kept(where: box.mask.and(applies), else: batch.images))
  }
}

extension [Double]? {
  /// One number or several, or null.
  fileprivate static var erasing: SettingCodec<[Double]?> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        if let json = configuration.json(key), json.isNull { return .some(nil) }
        return try configuration.numbers(key)
      },
      writing: { numbers, key, config in
        config[key] = numbers.map { $0.count == 1 ? .number($0[0]) : JSON($0) } ?? .null
      })
  }
}

/// A rectangle somewhere inside each picture.
struct PictureBox {
  /// Where it is: `[batch, height, width, 1]`.
  let mask: RecordedValue
  /// What share of the picture it is, `[batch, 1, 1, 1]`.
  let share: RecordedValue

  /// - Parameters:
  ///   - width, height: as shares of the picture's, `[batch, 1, 1, 1]`.
  init(width: RecordedValue, height: RecordedValue, _ batch: PictureBatch, _ draws: Draws) {
    func side(_ share: RecordedValue, _ length: Int, axis: Int) -> (RecordedValue, RecordedValue) {
      let size = share * Double(length)
      let start = draws.uniform(0...1, [batch.count, 1, 1, 1]) * (Double(length) - size)
      let end = start + size
      var shape = [1, 1, 1, 1]
      shape[axis] = length
      let places = draws.graph.numbers((0..<length).map { Float($0) }, shape)
      return ((places .>= start).and(places .< end), end - start)
    }
    let (columns, width) = side(width, batch.width, axis: 2)
    let (rows, height) = side(height, batch.height, axis: 1)
    mask = columns.and(rows)
    share = width * height / Double(batch.width * batch.height)
  }
}

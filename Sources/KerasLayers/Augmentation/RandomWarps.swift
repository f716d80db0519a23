import Foundation
import KerasGraph

/// Shows pictures turned, moved or stretched, each a little differently.
///
/// The numbers are those of TensorFlow's `ImageProjectiveTransformV3`.
open class RandomWarp: RandomAugmentation, @unchecked Sendable {
  @Setting("fill_mode") public private(set) var filling: PictureFilling
  @Setting("interpolation") public private(set) var sampling: PictureSampling
  @Setting("fill_value") public private(set) var fillValue: Double

  /// - Parameters:
  ///   - filling: what is seen beyond the border.
  ///   - fillValue: where that is constant.
  init(
    _ filling: PictureFilling, _ sampling: PictureSampling, _ fillValue: Double, _ seed: Int?,
    _ dataFormat: DataFormat?, name: String?
  ) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    self.filling = filling
    self.sampling = sampling
    self.fillValue = fillValue
  }

  /// Where each new pixel comes from.
  func projection(for batch: PictureBatch, _ draws: Draws) throws(KerasError) -> Projection {
    preconditionFailure("\(className) must say where pixels come from.")
  }

  public final override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    try batch.with(
      draws.graph.projected(
        batch.images, by: projection(for: batch, draws), sampling, filling, value: fillValue))
  }
}

/// Turns pictures around their middle.
public final class RandomRotation: RandomWarp, @unchecked Sendable {
  @Setting("factor", .required) public private(set) var factor: Factor

  /// - Parameter factor: in turns, −1 to 1; positive ones turn against the clock.
  public init(
    _ factor: Factor, filling: PictureFilling = .reflect, sampling: PictureSampling = .bilinear,
    fillValue: Double = 0, seed: Int? = nil, dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(filling, sampling, fillValue, seed, dataFormat, name: name)
    self.factor = factor
  }

  public override func checkSettings() throws { _ = try factor.range(within: -1...1) }

  override func projection(for batch: PictureBatch, _ draws: Draws) throws(KerasError) -> Projection {
    let range = try factor.range(within: -1...1)
    let degrees = draws.uniform(range.lowerBound * 360...range.upperBound * 360, [batch.count, 1, 1])
    let angle = degrees * Double(Float.pi / 180)
    let (cosine, sine) = (angle.applying(.cosine), angle.applying(.sine))
    let (x, y) = (Double(batch.width - 1) / 2, Double(batch.height - 1) / 2)
    return Projection(
      x: [cosine, -sine, x - x * cosine + y * sine], y: [sine, cosine, y - x * sine - y * cosine])
  }
}

/// Moves pictures.
public final class RandomTranslation: RandomWarp, @unchecked Sendable {
  @Setting("height_factor", .required) public private(set) var heightFactor: Factor
  @Setting("width_factor", .required) public private(set) var widthFactor: Factor

  /// - Parameters:
  ///   - heightFactor: down, as a share of the height, −1 to 1.
  ///   - widthFactor: to the right, as a share of the width, −1 to 1.
  public init(
    height heightFactor: Factor, width widthFactor: Factor, filling: PictureFilling = .reflect,
    sampling: PictureSampling = .bilinear, fillValue: Double = 0, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(filling, sampling, fillValue, seed, dataFormat, name: name)
    self.heightFactor = heightFactor
    self.widthFactor = widthFactor
  }

  private func ranges() throws(KerasError) -> (height: ClosedRange<Double>, width: ClosedRange<Double>) {
    (
      try heightFactor.range(within: -1...1, "height_factor"),
      try widthFactor.range(within: -1...1, "width_factor")
    )
  }

  public override func checkSettings() throws { _ = try ranges() }

  override func projection(for batch: PictureBatch, _ draws: Draws) throws(KerasError) -> Projection {
    let ranges = try ranges()
    let down = draws.uniform(ranges.height, [batch.count, 1, 1]) * Double(batch.height)
    let right = draws.uniform(ranges.width, [batch.count, 1, 1]) * Double(batch.width)
    let (zero, one) = (down * 0, down * 0 + 1)
    return Projection(x: [one, zero, -right], y: [zero, one, -down])
  }
}

/// Shows pictures from farther away (positive numbers) or nearer (negative ones).
public final class RandomZoom: RandomWarp, @unchecked Sendable {
  @Setting("height_factor", .required) public private(set) var heightFactor: Factor
  @Setting("width_factor") public private(set) var widthFactor: Factor?

  /// - Parameters:
  ///   - heightFactor: above −1, to 1.
  ///   - widthFactor: nil for that of the height, which keeps the proportions.
  public init(
    _ heightFactor: Factor, width widthFactor: Factor? = nil, filling: PictureFilling = .reflect,
    sampling: PictureSampling = .bilinear, fillValue: Double = 0, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(filling, sampling, fillValue, seed, dataFormat, name: name)
    self.heightFactor = heightFactor
    self.widthFactor = widthFactor
  }

  /// At −1 there would be nothing left to see.
  private static let bounds = (-1.0).nextUp...1

  private func ranges() throws(KerasError) -> (height: ClosedRange<Double>, width: ClosedRange<Double>?) {
    (
      try heightFactor.range(within: Self.bounds, "height_factor"),
      try widthFactor.map { (factor) throws(KerasError) in
        try factor.range(within: Self.bounds, "width_factor")
      }
    )
  }

  public override func checkSettings() throws { _ = try ranges() }

  override func projection(for batch: PictureBatch, _ draws: Draws) throws(KerasError) -> Projection {
    func zoom(_ range: ClosedRange<Double>) -> RecordedValue {
      draws.uniform(1 + range.lowerBound...1 + range.upperBound, [batch.count, 1, 1])
    }
    let ranges = try ranges()
    let height = zoom(ranges.height)
    let width = ranges.width.map(zoom) ?? height
    let (x, y) = (Double(batch.width - 1) / 2, Double(batch.height - 1) / 2)
    return Projection(
      x: [width, width * 0, (1 - width) * x], y: [height * 0, height, (1 - height) * y])
  }
}

/// Slants pictures, one way or the other.
public final class RandomShear: RandomWarp, @unchecked Sendable {
  @Setting("x_factor") public private(set) var xFactor: Factor
  @Setting("y_factor") public private(set) var yFactor: Factor

  /// - Parameters:
  ///   - xFactor: to the side, in pixels for each one down, up to 1.
  ///   - yFactor: down, in pixels for each one to the side, up to 1.
  public init(
    x xFactor: Factor = 0, y yFactor: Factor = 0, filling: PictureFilling = .reflect,
    sampling: PictureSampling = .bilinear, fillValue: Double = 0, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(filling, sampling, fillValue, seed, dataFormat, name: name)
    self.xFactor = xFactor
    self.yFactor = yFactor
  }

  private func ranges() throws(KerasError) -> (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    (try xFactor.range(within: -1...1, "x_factor"), try yFactor.range(within: -1...1, "y_factor"))
  }

  public override func checkSettings() throws { _ = try ranges() }

  override func projection(for batch: PictureBatch, _ draws: Draws) throws(KerasError) -> Projection {
    let (ranges, shape) = (try ranges(), [batch.count, 1, 1])
    let direction = draws.sign(shape)
    let down = draws.uniform(ranges.y, shape) * direction
    let aside = draws.uniform(ranges.x, shape) * direction
    let (zero, one) = (down * 0, down * 0 + 1)
    return Projection(x: [one, aside, zero], y: [down, one, zero])
  }
}

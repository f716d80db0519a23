import KerasGraph

/// Sharpens pictures or blurs them.
public final class RandomSharpness: RandomColorFactor, @unchecked Sendable {
  /// - Parameter factor: 0 to 1: 0.5 leaves pictures, below blurs, above sharpens.
  public init(
    _ factor: Factor, valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil,
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(factor, valueRange, seed, dataFormat, name: name)
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let factors = try draws.uniform(range(), [batch.count, 1, 1, 1]) * 2
    let (around, middle) = (Float(1.0 / 13), Float(5.0 / 13))
    let kernel = [around, around, around, around, middle, around, around, around, around]
    let smooth = try draws.graph.filtered(batch.images, by: draws.graph.numbers(kernel, [3, 3]))
    return batch.with(valueRange.clipped(batch.images + (1 - factors) * (smooth - batch.images)))
  }
}

/// Blurs some pictures.
public final class RandomGaussianBlur: RandomColorChange, @unchecked Sendable {
  @Setting("factor") public private(set) var factor: Factor
  @Setting("kernel_size", .lengths) public private(set) var kernelSize: [Int]
  @Setting("sigma") public private(set) var sigma: Factor

  /// - Parameters:
  ///   - factor: the probability, or a range from which it is drawn.
  ///   - kernelSize: height and width of the window, odd.
  ///   - sigma: deviation of the bell, 0 to 1 pixels; one for each axis and batch.
  public init(
    _ factor: Factor = 1, kernelSize: [Int] = [3, 3], sigma: Factor = 1,
    valueRange: ClosedRange<Double> = 0...255, seed: Int? = nil, dataFormat: DataFormat? = nil,
    name: String? = nil
  ) {
    super.init(valueRange, seed, dataFormat, name: name)
    self.factor = factor
    self.kernelSize = kernelSize
    self.sigma = sigma
  }

  public override func checkSettings() throws {
    _ = (try factor.range(within: 0...1), try sigma.range(within: 0...1, "sigma"))
    try require(
      kernelSize.count == 2 && kernelSize.allSatisfy { (1...255).contains($0) && $0 % 2 == 1 },
      "`kernel_size` must be two odd numbers up to 255, found \(kernelSize).")
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let applies = try draws.chance(factor.range(within: 0...1), [batch.count, 1, 1, 1])
    let deviations = try draws.uniform(sigma.range(within: 0...1, "sigma"), [2]) + 1e-6
    let blurred = try draws.graph.blurred(batch.images, kernelSize, deviations: deviations)
    return batch.with(valueRange.clipped(blurred.kept(where: applies, else: batch.images)))
  }
}

extension GraphBuilder {
  /// Pictures `[batch, height, width, channels]` under a bell of `size` pixels.
  ///
  /// - Parameter deviations: `[2]`. As in Keras on TensorFlow the first is that of columns, although the first of
  ///   `size` is that of rows.
  package func blurred(
    _ pictures: RecordedValue, _ size: [Int], deviations: RecordedValue
  ) throws(KerasError) -> RecordedValue {
    // Rows of the kernel have the second deviation and as many places as the second size, in Keras' formula.
    let across = bell(size[0], deviation: deviations.element(0, axis: 0))
    let down = bell(size[1], deviation: deviations.element(1, axis: 0))
    let kernel = down.reshaped([size[1], 1]) * across.reshaped([1, size[0]])
    return try filtered(pictures, by: kernel.reshaped(size))
  }
}

import KerasGraph

/// Drops whole channels of sequences, images or volumes, `[batch, spatial…, channels]`, or with channels first:
/// ``SpatialDropout1D``, ``SpatialDropout2D`` and ``SpatialDropout3D``.
///
/// Tompson et al., "Efficient Object Localization Using Convolutional Networks" (2015), section 3.2.
public final class SpatialDropout<Size: SpatialSize>: Dropout, @unchecked Sendable {
  @Setting("data_format", DataFormat.settingCodec.omitting { _ in Size.rank == 1 })
  private var dataFormat: DataFormat

  /// - Parameter dataFormat: of images and volumes; sequences always have their channels last.
  public init(_ rate: Double, dataFormat: DataFormat = .default, seed: Int? = nil, name: String? = nil) {
    super.init(rate, seed: seed, name: name)
    self.dataFormat = dataFormat
  }

  package override class var ownName: String { "SpatialDropout\(Size.rank)D" }

  public override var config: JSONObject {
    var config = super.config
    config["noise_shape"] = nil
    return config
  }

  // Keras' classes take no other settings of layers, and write a type's name alone. (Of a mixed policy, that of the
  // weights, which such a layer has none of: the policy's own name keeps the model as it is.)
  public override var commonSettings: CommonSettings { .nameAndType }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try expectRank(Size.rank + 2, inputs[0])
    try super.build(for: inputs)
  }

  /// One number for each channel of each sample.
  override var drawnShape: Shape? {
    let ones = [Int?](repeating: 1, count: Size.rank)
    return Shape(Size.rank == 1 || dataFormat == .channelsLast ? [nil] + ones + [nil] : [nil, nil] + ones)
  }
}

/// Drops whole channels of sequences, `[batch, steps, channels]`.
public typealias SpatialDropout1D = SpatialDropout<Int>

/// Drops whole channels of images, `[batch, height, width, channels]`, or with channels first.
public typealias SpatialDropout2D = SpatialDropout<Size2D>

/// Drops whole channels of volumes, `[batch, depth, height, width, channels]`, or with channels first.
public typealias SpatialDropout3D = SpatialDropout<Size3D>

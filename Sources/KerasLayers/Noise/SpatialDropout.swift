import KerasGraph

/// Drops whole channels of a sequence: `[batch, steps, channels]`.
///
/// Tompson et al., "Efficient Object Localization Using Convolutional Networks" (2015), section 3.2.
public final class SpatialDropout1D: SpatialDropout, @unchecked Sendable {
  public convenience init(_ rate: Double, seed: Int? = nil, name: String? = nil) {
    self.init(rate, noiseShape: [nil, 1, nil], seed: seed, name: name)
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    settings.ignore("noise_shape")
    self.init(try settings.requiredNumber("rate"), seed: try settings.integer("seed"), name: settings.name)
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try expectRank(3, inputs[0])
    try super.build(for: inputs)
  }
}

/// Drops whole channels of images: `[batch, height, width, channels]`, or with channels first.
public final class SpatialDropout2D: SpatialDropout, @unchecked Sendable {
  private let dataFormat: DataFormat

  public init(_ rate: Double, dataFormat: DataFormat = .default, seed: Int? = nil, name: String? = nil) {
    self.dataFormat = dataFormat
    super.init(rate, noiseShape: dataFormat.channelShape(rank: 4), seed: seed, name: name)
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    settings.ignore("noise_shape")
    self.init(
      try settings.requiredNumber("rate"), dataFormat: try settings.dataFormat("data_format"),
      seed: try settings.integer("seed"), name: settings.name)
  }

  public override var config: JSONObject { super.config.merging(["data_format": dataFormat.json]) }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try expectRank(4, inputs[0])
    try super.build(for: inputs)
  }
}

/// Drops whole channels of volumes: `[batch, depth, height, width, channels]`, or with channels first.
public final class SpatialDropout3D: SpatialDropout, @unchecked Sendable {
  private let dataFormat: DataFormat

  public init(_ rate: Double, dataFormat: DataFormat = .default, seed: Int? = nil, name: String? = nil) {
    self.dataFormat = dataFormat
    super.init(rate, noiseShape: dataFormat.channelShape(rank: 5), seed: seed, name: name)
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    settings.ignore("noise_shape")
    self.init(
      try settings.requiredNumber("rate"), dataFormat: try settings.dataFormat("data_format"),
      seed: try settings.integer("seed"), name: settings.name)
  }

  public override var config: JSONObject { super.config.merging(["data_format": dataFormat.json]) }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try expectRank(5, inputs[0])
    try super.build(for: inputs)
  }
}

extension DataFormat {
  /// One number for each channel of each sample.
  fileprivate func channelShape(rank: Int) -> Shape {
    let ones = [Int?](repeating: 1, count: rank - 2)
    return Shape(self == .channelsLast ? [nil] + ones + [nil] : [nil, nil] + ones)
  }
}

/// What the three have in common.
public class SpatialDropout: Dropout, @unchecked Sendable {
  public override var config: JSONObject { ["rate": .number(rate), "seed": JSON(seed)] }

  // Keras' classes take no other settings of layers, and write a type's name alone. (Of a mixed policy, that of the
  // weights, which such a layer has none of: the policy's own name keeps the model as it is.)
  public override var commonConfig: JSONObject {
    ["name": .string(name), "dtype": .string(dataTypePolicy.name)]
  }
}

import KerasCore

/// Random numbers whose variance is `scale / fan`, so that signals keep their size from layer to layer.
///
/// - Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010),
///   equation 16: `glorotUniform`, `glorotNormal`.
/// - He et al., "Delving deep into rectifiers" (2015), equation 10: `heUniform`, `heNormal`.
/// - LeCun et al., "Efficient BackProp" (1998), equation 16: `lecunUniform`, `lecunNormal`.
public struct VarianceScaling: Initializer {
  /// What the variance is divided by: the number of inputs that feed one output, of outputs one input feeds, or
  /// their mean.
  public enum Mode: String, Hashable, CaseIterable, SettingValue {
    case fanIn = "fan_in"
    case fanOut = "fan_out"
    case fanAverage = "fan_avg"
  }

  public enum Distribution: String, Hashable, CaseIterable, SettingValue {
    /// Drawn again beyond two deviations, and widened so that the variance is right after it.
    case truncatedNormal = "truncated_normal"
    case untruncatedNormal = "untruncated_normal"
    case uniform
  }

  public let className: String
  @Setting("seed") public private(set) var seed: RandomSeed
  @Setting("scale", Double.settingCodec.requiring("positive") { $0 > 0 })
  public private(set) var scale: Double
  @Setting("mode") public private(set) var mode: Mode
  @Setting("distribution") public private(set) var distribution: Distribution
  /// The axes of the weight that are inputs; nil (for both) for Keras' rule ``fans(of:inputAxes:outputAxes:)``.
  @Setting("input_axes") public private(set) var inputAxes: [Int]?
  @Setting("output_axes") public private(set) var outputAxes: [Int]?

  public init(
    scale: Double = 1, mode: Mode = .fanIn, distribution: Distribution = .truncatedNormal,
    seed: RandomSeed = nil,
    inputAxes: [Int]? = nil, outputAxes: [Int]? = nil
  ) {
    self.init(
      "VarianceScaling", scale, mode, distribution, seed: seed, inputAxes: inputAxes, outputAxes: outputAxes)
  }

  private init(
    _ className: String, _ scale: Double, _ mode: Mode, _ distribution: Distribution, seed: RandomSeed = nil,
    inputAxes: [Int]? = nil, outputAxes: [Int]? = nil
  ) {
    self.className = className
    self.scale = scale
    self.mode = mode
    self.distribution = distribution
    self.seed = seed
    self.inputAxes = inputAxes
    self.outputAxes = outputAxes
  }

  static let glorotUniform = VarianceScaling("GlorotUniform", 1, .fanAverage, .uniform)
  static let glorotNormal = VarianceScaling("GlorotNormal", 1, .fanAverage, .truncatedNormal)
  static let heUniform = VarianceScaling("HeUniform", 2, .fanIn, .uniform)
  static let heNormal = VarianceScaling("HeNormal", 2, .fanIn, .truncatedNormal)
  static let lecunUniform = VarianceScaling("LecunUniform", 1, .fanIn, .uniform)
  static let lecunNormal = VarianceScaling("LecunNormal", 1, .fanIn, .truncatedNormal)
  /// The kinds that have a name.
  static let kinds = [glorotUniform, glorotNormal, heUniform, heNormal, lecunUniform, lecunNormal]

  func seeded(_ seed: RandomSeed) -> VarianceScaling { with(seed, inputAxes, outputAxes) }

  /// The same for a weight whose axes with inputs and outputs are known.
  func counting(inputs: [Int], outputs: [Int]) -> VarianceScaling { with(seed, inputs, outputs) }

  private func with(_ seed: RandomSeed, _ inputAxes: [Int]?, _ outputAxes: [Int]?) -> VarianceScaling {
    VarianceScaling(
      className, scale, mode, distribution, seed: seed, inputAxes: inputAxes, outputAxes: outputAxes)
  }

  /// A name says the rest.
  public var config: JSONObject {
    var config = writtenSettings(of: self)
    if className != "VarianceScaling" {
      for key in ["scale", "mode", "distribution"] { config[key] = nil }
    }
    return config
  }

  public func check(shape: [Int]) throws(KerasError) {
    for axis in (inputAxes ?? []) + (outputAxes ?? []) { _ = try resolvedAxis(axis, rank: shape.count) }
  }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    let (fanIn, fanOut) = fans(of: shape, inputAxes: inputAxes, outputAxes: outputAxes)
    let fan =
      switch mode {
      case .fanIn: fanIn
      case .fanOut: fanOut
      case .fanAverage: (fanIn + fanOut) / 2
      }
    let variance = scale / max(1, fan)
    let stream = seed.stream(instead: stream)
    switch distribution {
    case .uniform:
      let limit = (3 * variance).squareRoot()
      return stream.tensor(shape, of: .uniform) { (2 * $0 - 1) * limit }
    case .untruncatedNormal:
      let deviation = variance.squareRoot()
      return stream.tensor(shape, of: .normal) { deviation * $0 }
    case .truncatedNormal:
      // The deviation of a normal variable cut at two deviations.
      let deviation = variance.squareRoot() / 0.87962566103423978
      return stream.tensor(shape, of: .truncatedNormal) { deviation * $0 }
    }
  }
}

/// How many inputs feed one output and the reverse: the products of the given axes' lengths, or as Keras counts them
/// for `[window…, in, out]`.
func fans(of shape: [Int], inputAxes: [Int]? = nil, outputAxes: [Int]? = nil) -> (in: Double, out: Double) {
  let lengths = shape.map(Double.init)
  if let inputAxes, let outputAxes {
    func product(_ axes: [Int]) -> Double {
      axes.reduce(1) { $0 * lengths[$1 < 0 ? $1 + shape.count : $1] }
    }
    return (product(inputAxes), product(outputAxes))
  }
  switch shape.count {
  case 0: return (1, 1)
  case 1: return (lengths[0], lengths[0])
  default:
    let window = lengths.dropLast(2).reduce(1, *)
    return (lengths[shape.count - 2] * window, lengths[shape.count - 1] * window)
  }
}

extension Initializer where Self == VarianceScaling {
  public static var glorotUniform: VarianceScaling { VarianceScaling.glorotUniform }
  public static var glorotNormal: VarianceScaling { VarianceScaling.glorotNormal }
  public static var heUniform: VarianceScaling { VarianceScaling.heUniform }
  public static var heNormal: VarianceScaling { VarianceScaling.heNormal }
  public static var lecunUniform: VarianceScaling { VarianceScaling.lecunUniform }
  public static var lecunNormal: VarianceScaling { VarianceScaling.lecunNormal }

  public static func glorotUniform(seed: RandomSeed) -> VarianceScaling { glorotUniform.seeded(seed) }
  public static func glorotNormal(seed: RandomSeed) -> VarianceScaling { glorotNormal.seeded(seed) }
  public static func heUniform(seed: RandomSeed) -> VarianceScaling { heUniform.seeded(seed) }
  public static func heNormal(seed: RandomSeed) -> VarianceScaling { heNormal.seeded(seed) }
  public static func lecunUniform(seed: RandomSeed) -> VarianceScaling { lecunUniform.seeded(seed) }
  public static func lecunNormal(seed: RandomSeed) -> VarianceScaling { lecunNormal.seeded(seed) }

  public static func varianceScaling(
    scale: Double = 1, mode: VarianceScaling.Mode = .fanIn,
    distribution: VarianceScaling.Distribution = .truncatedNormal, seed: RandomSeed = nil
  ) -> VarianceScaling {
    VarianceScaling(scale: scale, mode: mode, distribution: distribution, seed: seed)
  }
}

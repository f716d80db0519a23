import KerasCore

/// Normal numbers.
public struct RandomNormal: Initializer {
  public let mean: Double
  public let deviation: Double
  public let seed: RandomSeed

  public init(mean: Double = 0, deviation: Double = 0.05, seed: RandomSeed = nil) {
    self.mean = mean
    self.deviation = deviation
    self.seed = seed
  }

  init(_ configuration: Configuration) throws(KerasError) {
    configuration.ignore("dtype")
    self.init(
      mean: try configuration.number("mean", default: 0),
      // Keras 1 says scale.
      deviation: try configuration.number("stddev", before: "scale", default: 0.05),
      seed: try RandomSeed(configuration))
  }

  public var config: JSONObject { ["seed": seed.json, "mean": .number(mean), "stddev": .number(deviation)] }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    seed.stream(instead: stream).tensor(shape, of: .normal) { mean + deviation * $0 }
  }
}

/// Normal numbers, drawn again beyond two deviations from the mean.
public struct TruncatedNormal: Initializer {
  public let mean: Double
  /// Before the cut; what is left varies 0.88 times as much.
  public let deviation: Double
  public let seed: RandomSeed

  public init(mean: Double = 0, deviation: Double = 0.05, seed: RandomSeed = nil) {
    self.mean = mean
    self.deviation = deviation
    self.seed = seed
  }

  init(_ configuration: Configuration) throws(KerasError) {
    configuration.ignore("dtype")
    self.init(
      mean: try configuration.number("mean", default: 0),
      deviation: try configuration.number("stddev", default: 0.05),
      seed: try RandomSeed(configuration))
  }

  public var config: JSONObject { ["seed": seed.json, "mean": .number(mean), "stddev": .number(deviation)] }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    seed.stream(instead: stream).tensor(shape, of: .truncatedNormal) { mean + deviation * $0 }
  }
}

/// Uniform numbers in [low, high).
public struct RandomUniform: Initializer {
  public let low: Double
  public let high: Double
  public let seed: RandomSeed

  public init(low: Double = -0.05, high: Double = 0.05, seed: RandomSeed = nil) {
    self.low = low
    self.high = high
    self.seed = seed
  }

  init(_ configuration: Configuration) throws(KerasError) {
    configuration.ignore("dtype")
    let scale = try configuration.number("scale", default: 0.05)
    self.init(
      low: try configuration.number("minval", default: -scale),
      high: try configuration.number("maxval", default: scale), seed: try RandomSeed(configuration))
  }

  public var config: JSONObject { ["seed": seed.json, "minval": .number(low), "maxval": .number(high)] }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    seed.stream(instead: stream).tensor(shape, of: .uniform) { low + (high - low) * $0 }
  }
}

extension Initializer where Self == RandomNormal {
  public static var randomNormal: RandomNormal { RandomNormal() }
  public static func randomNormal(
    mean: Double = 0, deviation: Double = 0.05, seed: RandomSeed = nil
  ) -> RandomNormal {
    RandomNormal(mean: mean, deviation: deviation, seed: seed)
  }
}

extension Initializer where Self == TruncatedNormal {
  public static var truncatedNormal: TruncatedNormal { TruncatedNormal() }
  public static func truncatedNormal(
    mean: Double = 0, deviation: Double = 0.05, seed: RandomSeed = nil
  ) -> TruncatedNormal {
    TruncatedNormal(mean: mean, deviation: deviation, seed: seed)
  }
}

extension Initializer where Self == RandomUniform {
  public static var randomUniform: RandomUniform { RandomUniform() }
  public static func randomUniform(
    low: Double = -0.05, high: Double = 0.05, seed: RandomSeed = nil
  ) -> RandomUniform {
    RandomUniform(low: low, high: high, seed: seed)
  }
}

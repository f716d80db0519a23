import KerasCore

/// Normal numbers.
public struct RandomNormal: Initializer {
  @Setting("seed") public private(set) var seed: RandomSeed
  @Setting("mean") public private(set) var mean: Double
  @Setting("stddev") public private(set) var deviation: Double

  public init(mean: Double = 0, deviation: Double = 0.05, seed: RandomSeed = nil) {
    self.mean = mean
    self.deviation = deviation
    self.seed = seed
  }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    let (mean, deviation) = (mean, deviation)
    return seed.stream(instead: stream).tensor(shape, of: .normal) { mean + deviation * $0 }
  }
}

/// Normal numbers, drawn again beyond two deviations from the mean.
public struct TruncatedNormal: Initializer {
  @Setting("seed") public private(set) var seed: RandomSeed
  @Setting("mean") public private(set) var mean: Double
  /// Before the cut; what is left varies 0.88 times as much.
  @Setting("stddev") public private(set) var deviation: Double

  public init(mean: Double = 0, deviation: Double = 0.05, seed: RandomSeed = nil) {
    self.mean = mean
    self.deviation = deviation
    self.seed = seed
  }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    let (mean, deviation) = (mean, deviation)
    return seed.stream(instead: stream).tensor(shape, of: .truncatedNormal) { mean + deviation * $0 }
  }
}

/// Uniform numbers in [low, high).
public struct RandomUniform: Initializer {
  @Setting("seed") public private(set) var seed: RandomSeed
  @Setting("minval") public private(set) var low: Double
  @Setting("maxval") public private(set) var high: Double

  public init(low: Double = -0.05, high: Double = 0.05, seed: RandomSeed = nil) {
    self.low = low
    self.high = high
    self.seed = seed
  }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    let (low, high) = (low, high)
    return seed.stream(instead: stream).tensor(shape, of: .uniform) { low + (high - low) * $0 }
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

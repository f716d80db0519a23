/// Random float32 numbers by position: element `i` depends on the seed and on `i` alone, so that any backend and
/// any number of threads give the same (see ``CounterRandom``).
///
/// - Input: the seed, `int64 [2]`: the generator's seed and the stream.
public struct RandomOperation: OperationRule {
  public enum Distribution: Hashable, Sendable {
    /// In [low, high).
    case uniform(low: Float, high: Float)
    case normal(mean: Float, deviation: Float)
    /// Drawn again beyond two deviations.
    case truncatedNormal(mean: Float, deviation: Float)
    /// 1 with this probability, else 0.
    case bernoulli(probability: Float)
  }

  public var distribution: Distribution
  /// nil where the length is not known yet; only graphs that are asked for shapes have such.
  public var shape: Shape

  public init(_ distribution: Distribution, shape: Shape) {
    self.distribution = distribution
    self.shape = shape
  }

  public var name: String { "random" }
  public var settings: String { "\(distribution) \(shape)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    guard inputs[0] == TensorSpec([2] as [Int], .int64), shape.allSatisfy({ (0..<1 << 48).contains($0 ?? 0) })
    else {
      throw KerasError(.shapeMismatch, "random takes a seed of type int64(2,), found \(inputs[0]).")
    }
    return [TensorSpec(shape, .float32)]
  }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] { [nil] }
}

extension GraphBuilder {
  /// Random float32 numbers of a shape; the same for the same seed, whatever the backend and the threads.
  ///
  /// - Parameter seed: `int64 [2]`: the generator's seed and the stream.
  /// - Throws: `shapeMismatch` for another seed.
  public func random(
    _ distribution: RandomOperation.Distribution, shape: Shape, seed: Value
  ) throws(KerasError) -> Value {
    try append(.random(RandomOperation(distribution, shape: shape)), [seed])[0]
  }
}

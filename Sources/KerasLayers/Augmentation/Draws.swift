import KerasGraph

/// The random numbers of one call of an ``Augmentation``, drawn in the graph.
public struct Draws {
  let context: CallContext
  let seed: Int?
  public var graph: GraphBuilder { context.graph }

  package init(_ context: CallContext, seed: Int?) {
    self.context = context
    self.seed = seed
  }

  /// Numbers of a distribution.
  public func numbers(_ distribution: RandomOperation.Distribution, _ shape: [Int]) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      try graph.random(distribution, shape: Shape(shape), seed: context.randomSeed(seed))
    }
  }

  /// Uniform numbers.
  public func uniform(_ range: ClosedRange<Double>, _ shape: [Int]) -> RecordedValue {
    numbers(.uniform(low: Float(range.lowerBound), high: Float(range.upperBound)), shape)
  }

  /// True with a probability that is itself drawn from a range, as Keras does.
  public func chance(_ range: ClosedRange<Double>, _ shape: [Int]) -> RecordedValue {
    let probability = uniform(range, shape)
    return uniform(0...1, shape) .< probability
  }

  /// −1 or 1.
  public func sign(_ shape: [Int]) -> RecordedValue {
    let one = RecordedValue(in: graph) { () throws(KerasError) in graph.scalar(1, .float32) }
    return (-one).kept(where: uniform(0...1, shape) .> 0.5, else: 1)
  }

  /// Whole numbers from 0 to below `count`, as `int32`.
  public func choice(of count: Int, _ shape: [Int]) -> RecordedValue {
    uniform(0...Double(count), shape).applying(.floor).cast(to: .int32)
  }

  /// The numbers from 0 to below `count` in another order, as `int32`.
  public func order(of count: Int) -> RecordedValue {
    let keys = uniform(0...1, [count])
    return RecordedValue(in: graph) { () throws(KerasError) in try graph.sort(keys.value).positions }
  }

  /// Numbers of the beta distribution with two equal parameters.
  ///
  /// - Parameter alpha: a positive number, or such of the shape `[1]`.
  public func beta(_ alpha: RecordedValue, _ count: Int) -> RecordedValue {
    (logarithmOfGamma(alpha, count) - logarithmOfGamma(alpha, count)).applying(.sigmoid)
  }

  /// Numbers that sum up to 1, of the Dirichlet distribution with equal parameters.
  public func dirichlet(_ alpha: RecordedValue, _ count: Int) -> RecordedValue {
    let logarithms = logarithmOfGamma(alpha, count)
    let shares = (logarithms - logarithms.reduced(.maximum, axes: [0])).applying(.exponential)
    return shares / shares.sum(axes: [0], keepsDimensions: true)
  }

  /// Logarithms of numbers of the gamma distribution; small parameters would leave no numbers to take them of.
  ///
  /// Marsaglia and Tsang, "A simple method for generating gamma variables" (2000): a candidate fails one time in
  /// twenty, and the first of 16 that does not is taken; a parameter below 1 by their section 6.
  private func logarithmOfGamma(_ alpha: RecordedValue, _ count: Int) -> RecordedValue {
    let candidates = 16
    let d = alpha + 2.0 / 3
    let normal = numbers(.normal(mean: 0, deviation: 1), [count, candidates])
    let root = normal / (9 * d).applying(.squareRoot) + 1
    let isPositive = root .> 0
    let cube = root.kept(where: isPositive, else: 1).applying(.logarithm) * 3
    let limit = normal.applying(.square) * 0.5 + d - d * cube.applying(.exponential) + d * cube
    let fits = isPositive.and(uniform(1e-7...1, [count, candidates]).applying(.logarithm) .< limit)
    let logarithm = RecordedValue(in: graph) { () throws(KerasError) in
      let first = try graph.argument(.maximum, fits.cast(to: .float32).value, axis: 1, keepsDimensions: true)
      return try graph.squeeze(graph.gather(cube.value, at: first, axis: 1, kind: .elements), axes: [1])
    }
    return d.applying(.logarithm) + logarithm + uniform(1e-7...1, [count]).applying(.logarithm) / alpha
  }
}

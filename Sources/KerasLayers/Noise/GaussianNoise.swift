import KerasGraph

/// Adds normal noise while training; predicting, it does nothing. Any shape; no weights.
public final class GaussianNoise: Layer, @unchecked Sendable {
  /// The noise's deviation, from 0 to 1.
  @Setting("stddev", .required) public private(set) var standardDeviation: Double
  @Setting("seed") public private(set) var seed: Int?

  public init(_ standardDeviation: Double, seed: Int? = nil, name: String? = nil) {
    super.init(name: name)
    self.standardDeviation = standardDeviation
    self.seed = seed
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try require(
      (0...1).contains(standardDeviation),
      "GaussianNoise takes a deviation from 0 to 1, found \(standardDeviation).")
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    guard context.isTraining, standardDeviation > 0 else { return input }
    return try (context[input] + context.normal(0, standardDeviation, like: input, seed)).value
  }
}

/// Multiplies with normal noise of mean 1 and deviation `√(rate / (1 − rate))` while training; predicting, it does
/// nothing. Any shape; no weights.
///
/// Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014), section 10.
public final class GaussianDropout: Layer, @unchecked Sendable {
  /// As ``Dropout``'s, from 0 to 1.
  @Setting("rate", .required) public private(set) var rate: Double
  @Setting("seed") public private(set) var seed: Int?

  public init(_ rate: Double, seed: Int? = nil, name: String? = nil) {
    super.init(name: name)
    self.rate = rate
    self.seed = seed
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try checkRate(rate)
    try require(rate < 1, "GaussianDropout takes a rate below 1, where its noise is infinite.")
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    guard context.isTraining, rate > 0 else { return input }
    let deviation = (rate / (1 - rate)).squareRoot()
    return try (context[input] * context.normal(1, deviation, like: input, seed)).value
  }
}

extension CallContext {
  /// Normal random numbers in the shape of `x`.
  fileprivate func normal(_ mean: Double, _ deviation: Double, like x: Value, _ seed: Int?) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      let noise = try graph.random(
        .normal(mean: Float(mean), deviation: Float(deviation)), shape: graph.shape(of: x),
        seed: randomSeed(seed))
      return try graph.cast(noise, to: graph.spec(of: x).dataType)
    }
  }
}

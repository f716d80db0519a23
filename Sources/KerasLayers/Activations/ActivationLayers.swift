import KerasGraph

// Layers without weights that apply a function. Any shape in, the same out (but for `glu`).

/// Applies an ``ActivationFunction``.
public final class Activation: Layer, @unchecked Sendable {
  @Setting("activation") public private(set) var function: ActivationFunction

  public init(_ function: ActivationFunction, name: String? = nil) {
    super.init(name: name)
    self.function = function
    adopt(function)
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try function.apply(to: input, in: context)
  }
}

/// The rectified linear unit: x where x > threshold, else negativeSlope · (x − threshold), and never more than
/// `maximum`.
public final class ReLU: Layer, @unchecked Sendable {
  /// nil for no ceiling.
  @Setting("max_value") public private(set) var maximum: Double?
  @Setting("negative_slope") public private(set) var negativeSlope: Double
  @Setting("threshold") public private(set) var threshold: Double

  public init(
    maximum: Double? = nil, negativeSlope: Double = 0, threshold: Double = 0, name: String? = nil
  ) {
    super.init(name: name)
    self.maximum = maximum
    self.negativeSlope = negativeSlope
    self.threshold = threshold
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    for (name, number) in [
      ("a maximum", maximum ?? 0), ("a negative slope", negativeSlope), ("a threshold", threshold),
    ] where !(number >= 0) {
      throw KerasError(.invalidArgument, "ReLU takes \(name) from 0 up, found \(number).")
    }
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try ActivationFunction.relu(negativeSlope: negativeSlope, maximum: maximum, threshold: threshold)
      .apply(to: input, in: context.graph)
  }
}

/// x where x > 0, else negativeSlope · x.
///
/// Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models" (2013).
public final class LeakyReLU: Layer, @unchecked Sendable {
  @Setting("negative_slope") public private(set) var negativeSlope: Double

  public init(negativeSlope: Double = 0.3, name: String? = nil) {
    super.init(name: name)
    self.negativeSlope = negativeSlope
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    guard negativeSlope >= 0 else {
      throw KerasError(.invalidArgument, "LeakyReLU takes a slope from 0 up, found \(negativeSlope).")
    }
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try ActivationFunction.leakyRelu(negativeSlope: negativeSlope).apply(to: input, in: context.graph)
  }
}

/// x where x > 0, else alpha · (eˣ − 1).
///
/// Clevert, Unterthiner and Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear Units" (2016).
public final class ELU: Layer, @unchecked Sendable {
  @Setting("alpha") public private(set) var alpha: Double

  public init(alpha: Double = 1, name: String? = nil) {
    super.init(name: name)
    self.alpha = alpha
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try ActivationFunction.elu(alpha: alpha).apply(to: input, in: context.graph)
  }
}

/// x where x > theta, else 0. Of Keras 1 and 2.
public final class ThresholdedReLU: Layer, @unchecked Sendable {
  @Setting("theta") public private(set) var theta: Double

  public init(theta: Double = 1, name: String? = nil) {
    super.init(name: name)
    self.theta = theta
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    guard theta >= 0 else {
      throw KerasError(.invalidArgument, "ThresholdedReLU takes a theta from 0 up, found \(theta).")
    }
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try ActivationFunction.threshold(theta, otherwise: 0).apply(to: input, in: context.graph)
  }
}

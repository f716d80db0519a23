import KerasGraph

/// A layer without weights that applies a function. Any shape in, the same out (but for `glu`).
public class FunctionOfElements: Layer, @unchecked Sendable {
  /// What it applies.
  public var function: ActivationFunction { .linear }
  /// Settings that must not be negative, by what they are called in errors.
  var sizes: [(name: String, number: Double)] { [] }

  public override final var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    for size in sizes where !(size.number >= 0) {
      throw KerasError(.invalidArgument, "\(className) takes \(size.name) from 0 up, found \(size.number).")
    }
  }

  public override final func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try function.apply(to: input, in: context)
  }
}

/// Applies an ``ActivationFunction``.
public final class Activation: FunctionOfElements, @unchecked Sendable {
  @Setting("activation") private var activation: ActivationFunction
  public override var function: ActivationFunction { activation }

  public init(_ function: ActivationFunction, name: String? = nil) {
    super.init(name: name)
    activation = function
    adopt(function)
  }
}

/// The rectified linear unit: x where x > threshold, else negativeSlope · (x − threshold), and never more than
/// `maximum`.
public final class ReLU: FunctionOfElements, @unchecked Sendable {
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

  override var sizes: [(name: String, number: Double)] {
    [("a maximum", maximum ?? 0), ("a negative slope", negativeSlope), ("a threshold", threshold)]
  }
  public override var function: ActivationFunction {
    .relu(negativeSlope: negativeSlope, maximum: maximum, threshold: threshold)
  }
}

/// x where x > 0, else negativeSlope · x.
///
/// Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models" (2013).
public final class LeakyReLU: FunctionOfElements, @unchecked Sendable {
  @Setting("negative_slope") public private(set) var negativeSlope: Double

  public init(negativeSlope: Double = 0.3, name: String? = nil) {
    super.init(name: name)
    self.negativeSlope = negativeSlope
  }

  override var sizes: [(name: String, number: Double)] { [("a slope", negativeSlope)] }
  public override var function: ActivationFunction { .leakyRelu(negativeSlope: negativeSlope) }
}

/// x where x > 0, else alpha · (eˣ − 1).
///
/// Clevert, Unterthiner and Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear Units" (2016).
public final class ELU: FunctionOfElements, @unchecked Sendable {
  @Setting("alpha") public private(set) var alpha: Double

  public init(alpha: Double = 1, name: String? = nil) {
    super.init(name: name)
    self.alpha = alpha
  }

  public override var function: ActivationFunction { .elu(alpha: alpha) }
}

/// x where x > theta, else 0. Of Keras 1 and 2.
public final class ThresholdedReLU: FunctionOfElements, @unchecked Sendable {
  @Setting("theta") public private(set) var theta: Double

  public init(theta: Double = 1, name: String? = nil) {
    super.init(name: name)
    self.theta = theta
  }

  override var sizes: [(name: String, number: Double)] { [("a theta", theta)] }
  public override var function: ActivationFunction { .threshold(theta, otherwise: 0) }
}

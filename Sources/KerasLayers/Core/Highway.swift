import KerasGraph

/// A dense layer beside a way past it: `output = gate · activation(input · W + b) + (1 − gate) · input`, where
/// `gate = sigmoid(input · W_carry + b_carry)`. Of Keras 1.
///
/// - Input: `[batch, features]`. Output: the same.
/// - Weights, in file order: `W [features, features]`, `W_carry [features, features]`, `b [features]`,
///   `b_carry [features]`, which starts at one.
///
/// Srivastava, Greff and Schmidhuber, "Highway Networks" (2015).
public final class Highway: Layer, @unchecked Sendable {
  @Setting("activation") public private(set) var activation: ActivationFunction
  @Setting("use_bias") public private(set) var usesBias: Bool
  @Setting("kernel") private(set) var kernel: WeightSettings
  @Setting("bias") private(set) var bias: WeightSettings

  /// Regularizers and constraints are those of `W` and `b`; the gate has none.
  public init(
    activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, kernelRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    super.init(name: name)
    self.activation = activation
    self.usesBias = usesBias
    kernel = WeightSettings(kernelInitializer, kernelRegularizer, kernelConstraint)
    bias = WeightSettings(.zeros, biasRegularizer, biasConstraint)
    self.activityRegularizer = activityRegularizer
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try expectRank(2, inputs[0])
    let features = try knownLength(-1, of: inputs[0])
    addWeight("W", shape: [features, features], kernel)
    addWeight("W_carry", shape: [features, features], initializer: kernel.initializer)
    guard usesBias else { return }
    addWeight("b", shape: [features], bias)
    addWeight("b_carry", shape: [features], initializer: .ones)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    func sums(_ kernel: String, _ bias: String) throws(KerasError) -> RecordedValue {
      let product = try context[context.graph.matrixMultiply(input, context.value(of: weight(kernel)))]
      return usesBias ? try product + context[weight(bias)] : product
    }
    let gate = try sums("W_carry", "b_carry").applying(.sigmoid)
    return try (gate * activation(sums("W", "b")) + (1 - gate) * context[input]).value
  }
}

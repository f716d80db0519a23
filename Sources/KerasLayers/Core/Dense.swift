import KerasGraph

/// A densely connected layer: `output = activation(input · kernel + bias)`.
///
/// - Input: `[batch, …, features]`. Output: `[batch, …, units]`.
/// - Weights, in file order: `kernel [features, units]`, `bias [units]`.
///
/// ```swift
/// let scores = Dense(units: 10, activation: .softmax)(features)
/// ```
public final class Dense: Layer, LowRankAdaptable, @unchecked Sendable {
  @Setting("units", .required) public private(set) var units: Int
  @Setting("activation") public private(set) var activation: ActivationFunction
  @Setting("use_bias") public private(set) var usesBias: Bool
  @Setting("kernel") public private(set) var kernel: WeightSettings
  @Setting("bias") public private(set) var bias: WeightSettings
  @Setting("lora") public private(set) var adaptation: LowRankAdaptation

  public init(
    units: Int, activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, loraRank: Int? = nil, loraAlpha: Double? = nil,
    name: String? = nil
  ) {
    super.init(name: name)
    self.units = units
    self.activation = activation
    self.usesBias = usesBias
    kernel = WeightSettings(kernelInitializer, kernelRegularizer, kernelConstraint)
    bias = WeightSettings(biasInitializer, biasRegularizer, biasConstraint)
    adaptation = LowRankAdaptation(of: "kernel", rank: loraRank, alpha: loraAlpha)
    self.activityRegularizer = activityRegularizer
    adopt(activation)
  }

  package override var nullSettings: [String] { ["quantization_config"] }
  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try require(units > 0, "Dense needs a positive number of units, found \(units).")
    let features = try knownLength(-1, of: inputs[0])
    addWeight("kernel", shape: [features, units], kernel)
    if usesBias { addWeight("bias", shape: [units], bias) }
    try buildAdaptation()
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    var output = try graph.matrixMultiply(input, adaptedWeight(in: context))
    if usesBias { output = try graph.add(output, context.value(of: weight("bias"))) }
    return try activation.apply(to: output, in: context)
  }
}

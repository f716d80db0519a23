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
  public let units: Int
  public let activation: ActivationFunction
  public let usesBias: Bool
  public let kernelInitializer: any Initializer
  public let biasInitializer: any Initializer
  public let kernelRegularizer: (any Regularizer)?
  public let biasRegularizer: (any Regularizer)?
  public let kernelConstraint: (any Constraint)?
  public let biasConstraint: (any Constraint)?
  public let adaptation: LowRankAdaptation

  public init(
    units: Int, activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, loraRank: Int? = nil, loraAlpha: Double? = nil,
    name: String? = nil
  ) {
    self.units = units
    self.activation = activation
    self.usesBias = usesBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    self.kernelRegularizer = kernelRegularizer
    self.biasRegularizer = biasRegularizer
    self.kernelConstraint = kernelConstraint
    self.biasConstraint = biasConstraint
    adaptation = LowRankAdaptation(of: "kernel", rank: loraRank, alpha: loraAlpha)
    super.init(name: name)
    self.activityRegularizer = activityRegularizer
    adopt(activation)
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    settings.ignore("input_dim")
    self.init(
      units: try settings.requiredInteger("units"),
      activation: try settings.activation("activation"),
      usesBias: try settings.boolean("use_bias", default: true),
      kernelInitializer: try settings.initializer("kernel_initializer", default: .glorotUniform),
      biasInitializer: try settings.initializer("bias_initializer", default: .zeros),
      kernelRegularizer: try settings.regularizer("kernel_regularizer"),
      biasRegularizer: try settings.regularizer("bias_regularizer"),
      kernelConstraint: try settings.constraint("kernel_constraint"),
      biasConstraint: try settings.constraint("bias_constraint"),
      loraRank: try settings.integer("lora_rank"), loraAlpha: try settings.number("lora_alpha"),
      name: settings.name)
  }

  public override var config: JSONObject {
    var config: JSONObject = [
      "units": .integer(units), "activation": activation.json, "use_bias": .bool(usesBias),
      "kernel_initializer": kernelInitializer.json, "bias_initializer": biasInitializer.json,
      "kernel_regularizer": JSON(kernelRegularizer), "bias_regularizer": JSON(biasRegularizer),
      "kernel_constraint": JSON(kernelConstraint), "bias_constraint": JSON(biasConstraint),
      "quantization_config": nil,
    ]
    adaptation.write(to: &config)
    return config
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    guard units > 0 else {
      throw KerasError(.invalidArgument, "Dense needs a positive number of units, found \(units).")
    }
    let features = try knownLength(-1, of: inputs[0])
    addWeight(
      "kernel", shape: [features, units], initializer: kernelInitializer, regularizer: kernelRegularizer,
      constraint: kernelConstraint)
    if usesBias {
      addWeight(
        "bias", shape: [units], initializer: biasInitializer, regularizer: biasRegularizer,
        constraint: biasConstraint)
    }
    try buildAdaptation()
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    var output = try graph.matrixMultiply(input, adaptedWeight(in: context))
    if usesBias { output = try graph.add(output, context.value(of: weight("bias"))) }
    return try activation.apply(to: output, in: context)
  }
}

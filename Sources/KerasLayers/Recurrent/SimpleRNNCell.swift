import KerasGraph

/// A fully connected cell whose output is its state: `h = activation(x · kernel + bias + h · recurrentKernel)`.
///
/// - Input: `[batch, features]`. Output and state: `[batch, units]`.
/// - Weights, in file order: `kernel [features, units]`, `recurrent_kernel [units, units]`, `bias [units]`.
public final class SimpleRNNCell: RecurrentCellLayer, @unchecked Sendable {
  @Setting("units", .required) public private(set) var units: Int
  @Setting("activation") public private(set) var activation: ActivationFunction
  let options: CellOptions

  public init(
    units: Int, activation: ActivationFunction = .tanh, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, recurrentInitializer: any Initializer = .orthogonal,
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    recurrentRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, recurrentConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
    seed: Int? = nil, name: String? = nil
  ) {
    options = CellOptions(
      usesBias: usesBias,
      kernel: WeightSettings(
        kernelInitializer, regularizer: kernelRegularizer, constraint: kernelConstraint),
      recurrentKernel: WeightSettings(
        recurrentInitializer, regularizer: recurrentRegularizer, constraint: recurrentConstraint),
      bias: WeightSettings(biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint),
      dropout: dropout, recurrentDropout: recurrentDropout, seed: seed)
    super.init(name: name)
    self.units = units
    self.activation = activation
  }

  public override var callParameters: [String] { ["sequence", "states"] }

  public override func stateShapes(for input: TensorSpec) throws(KerasError) -> [[Int]] { [[units]] }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try CellOptions.check(units, "units", of: className)
    try expectRank(2, inputs[0])
    options.addWeights(
      to: self, kernel: [try knownLength(-1, of: inputs[0]), units], recurrentKernel: [units, units],
      bias: [units])
  }

  public override func constants(
    for input: TensorSpec, in context: CallContext
  ) throws(KerasError) -> StepConstants {
    var constants = StepConstants()
    try options.addMasks(
      to: &constants, input: input.shape, state: [input.shape[0], units], maskCount: 1, dropsAll: true,
      in: context)
    return constants
  }

  public override func prepare(
    _ inputs: Value, constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> Value {
    let graph = context.graph
    let projected = try graph.gatedProduct(
      inputs, context.value(of: weight("kernel")), gateCount: 1, masks: constants.inputMasks)
    return options.usesBias ? try graph.add(projected, context.value(of: weight("bias"))) : projected
  }

  public override func step(
    _ input: Value, states: [Value], constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    let graph = context.graph
    let product = try graph.gatedProduct(
      states[0], context.value(of: weight("recurrent_kernel")), gateCount: 1, masks: constants.stateMasks)
    let h = try activation.apply(to: graph.add(input, product), in: graph)
    return (h, [h])
  }
}

import KerasGraph

/// Long short-term memory with forget gates: `c = f·c + i·activation(g)`, `h = o·activation(c)`.
///
/// i, f and o are the input, forget and output gate: `recurrentActivation(x · kernel + bias + h · recurrentKernel)`.
/// Hochreiter and Schmidhuber (1997); Gers, Schmidhuber and Cummins (2000).
///
/// - Input: `[batch, features]`. Output: h. States: h and c, each `[batch, units]`.
/// - Weights, in file order, with the columns of i, f, g and o in turn: `kernel [features, 4 · units]`,
///   `recurrent_kernel [units, 4 · units]`, `bias [4 · units]`.
public final class LSTMCell: RecurrentCellLayer, @unchecked Sendable {
  @Setting("units", .required) public private(set) var units: Int
  @Setting("activation") public private(set) var activation: ActivationFunction
  @Setting("recurrent_activation") public private(set) var recurrentActivation: ActivationFunction
  /// Whether the forget gate's bias starts with ones.
  @Setting("unit_forget_bias") public private(set) var unitForgetBias: Bool
  /// 1 gives each gate dropout masks of its own; all else is the same.
  @Setting("implementation", Int.settingCodec.omitting { $0 == 2 })
  public private(set) var implementation: Int
  let options: CellOptions

  public init(
    units: Int, activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid,
    usesBias: Bool = true, kernelInitializer: any Initializer = .glorotUniform,
    recurrentInitializer: any Initializer = .orthogonal, biasInitializer: any Initializer = .zeros,
    unitForgetBias: Bool = true, kernelRegularizer: (any Regularizer)? = nil,
    recurrentRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, recurrentConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
    seed: Int? = nil, implementation: Int = 2, name: String? = nil
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
    self.recurrentActivation = recurrentActivation
    self.unitForgetBias = unitForgetBias
    self.implementation = implementation
  }

  public override func stateShapes(for input: TensorSpec) throws(KerasError) -> [[Int]] {
    [[units], [units]]
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try CellOptions.check(units, "units", of: className)
    try expectRank(2, inputs[0])
    options.addWeights(
      to: self, kernel: [try knownLength(-1, of: inputs[0]), 4 * units], recurrentKernel: [units, 4 * units],
      bias: [4 * units], forgetGate: unitForgetBias ? units..<2 * units : nil)
  }

  public override func constants(
    for input: TensorSpec, in context: CallContext
  ) throws(KerasError) -> StepConstants {
    var constants = StepConstants()
    try options.addMasks(
      to: &constants, input: input.shape, state: [input.shape[0], units],
      maskCount: implementation == 1 || options.recurrentDropout != 0 ? 4 : 1, in: context)
    return constants
  }

  public override func prepare(
    _ inputs: Value, constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> Value {
    let graph = context.graph
    let projected = try graph.gatedProduct(
      inputs, context.value(of: weight("kernel")), gateCount: 4, masks: constants.inputMasks)
    return options.usesBias ? try graph.add(projected, context.value(of: weight("bias"))) : projected
  }

  public override func step(
    _ input: Value, states: [Value], constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    let graph = context.graph
    let product = try graph.gatedProduct(
      states[0], context.value(of: weight("recurrent_kernel")), gateCount: 4, masks: constants.stateMasks)
    let (h, c) = try graph.lstmGates(
      graph.add(input, product), c: states[1], activation: activation,
      recurrentActivation: recurrentActivation)
    return (h, [h, c])
  }

  override func fusedStates(
    _ prepared: Value, states: [Value], constants: StepConstants, mask: Value?, isReversed: Bool,
    in context: CallContext
  ) throws(KerasError) -> [Value]? {
    guard activation == .tanh, recurrentActivation == .sigmoid, constants.stateMasks.isEmpty,
      context.graph.spec(of: prepared).dataType == .float32
    else { return nil }
    return try context.graph.recurrent(
      .lstm, projections: prepared, states: states, kernel: context.value(of: weight("recurrent_kernel")),
      mask: mask, isReversed: isReversed)
  }
}

extension GraphBuilder {
  /// The new h and c of an LSTM whose gates i, f, g and o stand side by side along the last axis.
  func lstmGates(
    _ gates: Value, c: Value, activation: ActivationFunction, recurrentActivation: ActivationFunction
  ) throws(KerasError) -> (h: Value, c: Value) {
    let parts = try parts(gates, into: 4)
    let i = try recurrentActivation.apply(to: parts[0], in: self)
    let f = try recurrentActivation.apply(to: parts[1], in: self)
    let g = try activation.apply(to: parts[2], in: self)
    let o = try recurrentActivation.apply(to: parts[3], in: self)
    let new = try add(multiply(f, c), multiply(i, g))
    return (try multiply(o, activation.apply(to: new, in: self)), new)
  }
}

import KerasGraph

/// A gated recurrent unit: `h = z·h + (1 − z)·g` with update gate z and reset gate r.
///
/// `g = activation(x · kernel + bias + r·(h · recurrentKernel + recurrentBias))`, or with ``resetsAfter`` false
/// `g = activation(x · kernel + bias + (r·h) · recurrentKernel)`. Cho et al. (2014), https://arxiv.org/abs/1406.1078
///
/// - Input: `[batch, features]`. Output and state: `[batch, units]`.
/// - Weights, in file order, with the columns of z, r and g in turn: `kernel [features, 3 · units]`,
///   `recurrent_kernel [units, 3 · units]`, `bias [2, 3 · units]` (input's, recurrent), or `[3 · units]` with
///   ``resetsAfter`` false.
public final class GRUCell: RecurrentCellLayer, @unchecked Sendable {
  @Setting("units", .required) public private(set) var units: Int
  @Setting("activation") public private(set) var activation: ActivationFunction
  @Setting("recurrent_activation") public private(set) var recurrentActivation: ActivationFunction
  /// Whether the reset gate multiplies after the product with the recurrent kernel, as cuDNN does.
  @Setting("reset_after") public private(set) var resetsAfter: Bool
  /// 1 gives each gate dropout masks of its own; all else is the same.
  @Setting("implementation", Int.settingCodec.omitting { $0 == 2 })
  public private(set) var implementation: Int
  let options: CellOptions

  public init(
    units: Int, activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid,
    usesBias: Bool = true, kernelInitializer: any Initializer = .glorotUniform,
    recurrentInitializer: any Initializer = .orthogonal, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, recurrentRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    recurrentConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    dropout: Double = 0, recurrentDropout: Double = 0, resetsAfter: Bool = true, seed: Int? = nil,
    implementation: Int = 2, name: String? = nil
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
    self.resetsAfter = resetsAfter
    self.implementation = implementation
  }

  public override func stateShapes(for input: TensorSpec) throws(KerasError) -> [[Int]] { [[units]] }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try CellOptions.check(units, "units", of: className)
    try expectRank(2, inputs[0])
    options.addWeights(
      to: self, kernel: [try knownLength(-1, of: inputs[0]), 3 * units], recurrentKernel: [units, 3 * units],
      bias: resetsAfter ? [2, 3 * units] : [3 * units])
  }

  /// The values are the recurrent kernel, or its parts for the gates and for g where the reset gate comes first;
  /// then, where there is one, the recurrent bias.
  public override func constants(
    for input: TensorSpec, in context: CallContext
  ) throws(KerasError) -> StepConstants {
    let graph = context.graph
    let kernel = try context.value(of: weight("recurrent_kernel"))
    var constants = StepConstants([kernel])
    if !resetsAfter {
      constants.values = [
        try graph.slice(kernel, axis: 1, from: 0, count: 2 * units),
        try graph.slice(kernel, axis: 1, from: 2 * units, count: units),
      ]
    } else if options.usesBias {
      constants.values.append(try bias(1, in: context))
    }
    try options.addMasks(
      to: &constants, input: input.shape, state: [input.shape[0], units],
      maskCount: implementation == 1 || options.recurrentDropout != 0 ? 3 : 1, in: context)
    return constants
  }

  /// A row of the bias.
  private func bias(_ row: Int, in context: CallContext) throws(KerasError) -> Value {
    let bias = try context.value(of: weight("bias"))
    guard resetsAfter else { return bias }
    return try context.graph.reshape(
      context.graph.slice(bias, axis: 0, from: row, count: 1), to: [3 * units])
  }

  public override func prepare(
    _ inputs: Value, constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> Value {
    let graph = context.graph
    let projected = try graph.gatedProduct(
      inputs, context.value(of: weight("kernel")), gateCount: 3, masks: constants.inputMasks)
    return options.usesBias ? try graph.add(projected, bias(0, in: context)) : projected
  }

  public override func step(
    _ input: Value, states: [Value], constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    let graph = context.graph
    let (h, masks) = (states[0], constants.stateMasks)
    let x = try graph.parts(input, into: 3)
    func gate(_ x: Value, _ product: Value) throws(KerasError) -> Value {
      try recurrentActivation.apply(to: graph.add(x, product), in: graph)
    }
    let z: Value
    let inner: Value
    if resetsAfter {
      var product = try graph.gatedProduct(h, constants.values[0], gateCount: 3, masks: masks)
      if options.usesBias { product = try graph.add(product, constants.values[1]) }
      let parts = try graph.parts(product, into: 3)
      z = try gate(x[0], parts[0])
      inner = try graph.multiply(gate(x[1], parts[1]), parts[2])
    } else {
      let product = try graph.gatedProduct(
        h, constants.values[0], gateCount: 2, masks: Array(masks.prefix(2)))
      let parts = try graph.parts(product, into: 2)
      z = try gate(x[0], parts[0])
      let reset = try graph.multiply(gate(x[1], parts[1]), h)
      inner = try graph.gatedProduct(
        reset, constants.values[1], gateCount: 1, masks: Array(masks.suffix(1)))
    }
    let g = try activation.apply(to: graph.add(x[2], inner), in: graph)
    let rest = try graph.unary(.linear(scale: -1, offset: 1), z)
    let new = try graph.add(graph.multiply(z, h), graph.multiply(rest, g))
    return (new, [new])
  }

  override func fusedStates(
    _ prepared: Value, states: [Value], constants: StepConstants, mask: Value?, isReversed: Bool,
    in context: CallContext
  ) throws(KerasError) -> [Value]? {
    let graph = context.graph
    guard resetsAfter, activation == .tanh, recurrentActivation == .sigmoid, constants.stateMasks.isEmpty,
      graph.spec(of: prepared).dataType == .float32
    else { return nil }
    let bias = options.usesBias ? constants.values[1] : try graph.filled(0, [3 * units])
    return try graph.recurrent(
      .gru, projections: prepared, states: states, kernel: constants.values[0], bias: bias, mask: mask,
      isReversed: isReversed)
  }
}

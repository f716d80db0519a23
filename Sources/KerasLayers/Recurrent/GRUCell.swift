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
public final class GRUCell: UnitCell, @unchecked Sendable {
  @Setting("recurrent_activation") public private(set) var recurrentActivation: ActivationFunction
  /// Whether the reset gate multiplies after the product with the recurrent kernel, as cuDNN does.
  @Setting("reset_after") public private(set) var resetsAfter: Bool
  /// 1 gives each gate dropout masks of its own; all else is the same.
  @Setting("implementation", Int.settingCodec.omitting { $0 == 2 })
  public private(set) var implementation: Int

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
    super.init(
      units, activation,
      CellOptions(
        usesBias: usesBias, kernel: .init(kernelInitializer, kernelRegularizer, kernelConstraint),
        recurrentKernel: .init(recurrentInitializer, recurrentRegularizer, recurrentConstraint),
        bias: .init(biasInitializer, biasRegularizer, biasConstraint), dropout: dropout,
        recurrentDropout: recurrentDropout, seed: seed),
      name: name)
    self.recurrentActivation = recurrentActivation
    self.resetsAfter = resetsAfter
    self.implementation = implementation
  }

  override var gateCount: Int { 3 }
  override var maskCount: Int { implementation == 1 || options.recurrentDropout != 0 ? 3 : 1 }
  override var fused: RecurrentCell? { resetsAfter && recurrentActivation == .sigmoid ? .gru : nil }
  override var biasShape: [Int] { resetsAfter ? [2, 3 * units] : [3 * units] }

  /// The values are the recurrent kernel, or its parts for the gates and for g where the reset gate comes first;
  /// then, where there is one, the recurrent bias.
  public override func constants(for input: TensorSpec, in context: CallContext) throws -> StepConstants {
    let kernel = try context.value(of: weight("recurrent_kernel"))
    var constants = try super.constants(for: input, in: context)
    constants.values = [kernel]
    if !resetsAfter {
      constants.values = [
        try context.graph.slice(kernel, axis: 1, from: 0, count: 2 * units),
        try context.graph.slice(kernel, axis: 1, from: 2 * units, count: units),
      ]
    } else if options.usesBias {
      constants.values.append(try bias(1, in: context))
    }
    return constants
  }

  override func inputBias(in context: CallContext) throws(KerasError) -> Value {
    resetsAfter ? try bias(0, in: context) : try super.inputBias(in: context)
  }

  /// A row of the bias.
  private func bias(_ row: Int, in context: CallContext) throws(KerasError) -> Value {
    let row = try context.graph.slice(context.value(of: weight("bias")), axis: 0, from: row, count: 1)
    return try context.graph.reshape(row, to: [3 * units])
  }

  public override func step(
    _ input: Value, states: [Value], constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    let (graph, masks) = (context.graph, constants.stateMasks)
    let (h, x) = (context[states[0]], try context[input].parts(3))
    let z: RecordedValue
    let inner: RecordedValue
    if resetsAfter {
      var product = try context[graph.gatedProduct(h.value, constants.values[0], gateCount: 3, masks: masks)]
      if options.usesBias { product = product + context[constants.values[1]] }
      let parts = try product.parts(3)
      z = recurrentActivation(x[0] + parts[0])
      inner = recurrentActivation(x[1] + parts[1]) * parts[2]
    } else {
      let parts = try context[
        graph.gatedProduct(h.value, constants.values[0], gateCount: 2, masks: Array(masks.prefix(2)))
      ].parts(2)
      z = recurrentActivation(x[0] + parts[0])
      let reset = recurrentActivation(x[1] + parts[1]) * h
      inner = try context[
        graph.gatedProduct(reset.value, constants.values[1], gateCount: 1, masks: Array(masks.suffix(1)))]
    }
    let new = try (z * h + (1 - z) * activation(x[2] + inner)).value
    return (new, [new])
  }

  override func fusedBias(_ constants: StepConstants, in graph: GraphBuilder) throws(KerasError) -> Value? {
    options.usesBias ? constants.values[1] : try graph.filled(0, [3 * units])
  }
}

import KerasGraph

/// Long short-term memory with forget gates: `c = f·c + i·activation(g)`, `h = o·activation(c)`.
///
/// i, f and o are the input, forget and output gate: `recurrentActivation(x · kernel + bias + h · recurrentKernel)`.
/// Hochreiter and Schmidhuber (1997); Gers, Schmidhuber and Cummins (2000).
///
/// - Input: `[batch, features]`. Output: h. States: h and c, each `[batch, units]`.
/// - Weights, in file order, with the columns of i, f, g and o in turn: `kernel [features, 4 · units]`,
///   `recurrent_kernel [units, 4 · units]`, `bias [4 · units]`.
public final class LSTMCell: UnitCell, @unchecked Sendable {
  @Setting("recurrent_activation") public private(set) var recurrentActivation: ActivationFunction
  /// Whether the forget gate's bias starts with ones.
  @Setting("unit_forget_bias") public private(set) var unitForgetBias: Bool
  /// 1 gives each gate dropout masks of its own; all else is the same.
  @Setting("implementation", Int.settingCodec.omitting { $0 == 2 })
  public private(set) var implementation: Int

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
    super.init(
      units, activation,
      CellOptions(
        usesBias: usesBias, kernel: .init(kernelInitializer, kernelRegularizer, kernelConstraint),
        recurrentKernel: .init(recurrentInitializer, recurrentRegularizer, recurrentConstraint),
        bias: .init(biasInitializer, biasRegularizer, biasConstraint), dropout: dropout,
        recurrentDropout: recurrentDropout, seed: seed),
      name: name)
    self.recurrentActivation = recurrentActivation
    self.unitForgetBias = unitForgetBias
    self.implementation = implementation
  }

  public override func stateShapes(for input: TensorSpec) -> [[Int]] { [[units], [units]] }

  override var gateCount: Int { 4 }
  override var maskCount: Int { implementation == 1 || options.recurrentDropout != 0 ? 4 : 1 }
  override var fused: RecurrentCell? { recurrentActivation == .sigmoid ? .lstm : nil }
  override var forgetGate: Range<Int>? { unitForgetBias ? units..<2 * units : nil }

  public override func step(
    _ input: Value, states: [Value], constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    let product = try stateProduct(states[0], constants, in: context)
    let (h, c) = try (context[input] + context[product]).lstm(
      c: context[states[1]], activation, recurrentActivation)
    return (h, [h, c])
  }
}

extension RecordedValue {
  /// The new h and c of an LSTM whose gates i, f, g and o stand side by side along the last axis of this value.
  func lstm(
    c old: RecordedValue, _ activation: ActivationFunction, _ recurrentActivation: ActivationFunction
  ) throws(KerasError) -> (h: Value, c: Value) {
    let parts = try parts(4)
    let (i, f) = (recurrentActivation(parts[0]), recurrentActivation(parts[1]))
    let (g, o) = (activation(parts[2]), recurrentActivation(parts[3]))
    let c = f * old + i * g
    return (try (o * activation(c)).value, try c.value)
  }
}

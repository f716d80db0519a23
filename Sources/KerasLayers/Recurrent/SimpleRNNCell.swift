import KerasGraph

/// A fully connected cell whose output is its state: `h = activation(x · kernel + bias + h · recurrentKernel)`.
///
/// - Input: `[batch, features]`. Output and state: `[batch, units]`.
/// - Weights, in file order: `kernel [features, units]`, `recurrent_kernel [units, units]`, `bias [units]`.
public final class SimpleRNNCell: UnitCell, @unchecked Sendable {

  public init(
    units: Int, activation: ActivationFunction = .tanh, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, recurrentInitializer: any Initializer = .orthogonal,
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    recurrentRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, recurrentConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
    seed: Int? = nil, name: String? = nil
  ) {
    super.init(
      units, activation,
      CellOptions(
        usesBias: usesBias, kernel: .init(kernelInitializer, kernelRegularizer, kernelConstraint),
        recurrentKernel: .init(recurrentInitializer, recurrentRegularizer, recurrentConstraint),
        bias: .init(biasInitializer, biasRegularizer, biasConstraint), dropout: dropout,
        recurrentDropout: recurrentDropout, seed: seed),
      name: name)
  }

  public override var callParameters: [String] { ["sequence", "states"] }
  override var dropsAll: Bool { true }

  public override func step(
    _ input: Value, states: [Value], constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    let product = try stateProduct(states[0], constants, in: context)
    let h = try activation(context[input] + context[product]).value
    return (h, [h])
  }
}

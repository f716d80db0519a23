import KerasGraph

/// What ``SimpleRNN``, ``LSTM``, ``GRU`` and the ``ConvLSTM2D`` family share: a recurrent layer that brings its cell
/// along, whose settings are its own.
public class BasicRecurrentLayer: RNN, @unchecked Sendable {
  public override final var config: JSONObject { cell.config.merging(writtenSettings(of: self)) }

  package override final var nullSettings: [String] { ["activity_regularizer"] }

  public override final func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    try configuration.fill(cell)
    try cell.settingsWereRead(from: configuration)
  }

  override final var sharesTypesWithCell: Bool { true }
}

/// A recurrent layer over a ``SimpleRNNCell``: `h = activation(x · kernel + bias + h · recurrentKernel)`.
///
/// - Inputs, outputs and masks: see ``RNN``. There is one state, h.
///
/// ```swift
/// let last = SimpleRNN(units: 32)(sequences)
/// ```
public final class SimpleRNN: BasicRecurrentLayer, @unchecked Sendable {
  public convenience init(
    units: Int, activation: ActivationFunction = .tanh, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, recurrentInitializer: any Initializer = .orthogonal,
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    recurrentRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    recurrentConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    dropout: Double = 0, recurrentDropout: Double = 0, returnsSequences: Bool = false,
    returnsState: Bool = false, goesBackwards: Bool = false, isStateful: Bool = false,
    isUnrolled: Bool = false, zeroesMaskedOutputs: Bool = false, seed: Int? = nil, name: String? = nil
  ) {
    self.init(
      SimpleRNNCell(
        units: units, activation: activation, usesBias: usesBias, kernelInitializer: kernelInitializer,
        recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer,
        kernelRegularizer: kernelRegularizer, recurrentRegularizer: recurrentRegularizer,
        biasRegularizer: biasRegularizer, kernelConstraint: kernelConstraint,
        recurrentConstraint: recurrentConstraint, biasConstraint: biasConstraint, dropout: dropout,
        recurrentDropout: recurrentDropout, seed: seed, name: "simple_rnn_cell"),
      SequenceOptions(
        returnsSequences: returnsSequences, returnsState: returnsState, goesBackwards: goesBackwards,
        isStateful: isStateful, isUnrolled: isUnrolled, zeroesMaskedOutputs: zeroesMaskedOutputs),
      activityRegularizer: activityRegularizer, name: name)
  }
}

/// A recurrent layer over an ``LSTMCell``.
///
/// - Inputs, outputs and masks: see ``RNN``. The states are h and c.
///
/// With its own activations (tanh and sigmoid) and without recurrent dropout it runs as one fused operation, which keeps
/// the states in float32 from step to step where the layer computes in 16 bits.
///
/// ```swift
/// let states = LSTM(units: 128, returnsState: true).apply(to: [sequences])
/// ```
public final class LSTM: BasicRecurrentLayer, @unchecked Sendable {
  public convenience init(
    units: Int, activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid,
    usesBias: Bool = true, kernelInitializer: any Initializer = .glorotUniform,
    recurrentInitializer: any Initializer = .orthogonal, biasInitializer: any Initializer = .zeros,
    unitForgetBias: Bool = true, kernelRegularizer: (any Regularizer)? = nil,
    recurrentRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    recurrentConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    dropout: Double = 0, recurrentDropout: Double = 0, seed: Int? = nil, returnsSequences: Bool = false,
    returnsState: Bool = false, goesBackwards: Bool = false, isStateful: Bool = false,
    isUnrolled: Bool = false, zeroesMaskedOutputs: Bool = false, implementation: Int = 2, name: String? = nil
  ) {
    self.init(
      LSTMCell(
        units: units, activation: activation, recurrentActivation: recurrentActivation, usesBias: usesBias,
        kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
        biasInitializer: biasInitializer, unitForgetBias: unitForgetBias,
        kernelRegularizer: kernelRegularizer, recurrentRegularizer: recurrentRegularizer,
        biasRegularizer: biasRegularizer, kernelConstraint: kernelConstraint,
        recurrentConstraint: recurrentConstraint, biasConstraint: biasConstraint, dropout: dropout,
        recurrentDropout: recurrentDropout, seed: seed, implementation: implementation, name: "lstm_cell"),
      SequenceOptions(
        returnsSequences: returnsSequences, returnsState: returnsState, goesBackwards: goesBackwards,
        isStateful: isStateful, isUnrolled: isUnrolled, zeroesMaskedOutputs: zeroesMaskedOutputs),
      activityRegularizer: activityRegularizer, name: name)
  }
}

/// A recurrent layer over a ``GRUCell``.
///
/// - Inputs, outputs and masks: see ``RNN``. There is one state, h.
///
/// With its own activations (tanh and sigmoid), the reset gate behind the product and no recurrent dropout it runs as
/// one fused operation, which keeps the state in float32 from step to step where the layer computes in 16 bits.
///
/// ```swift
/// let steps = GRU(units: 128, returnsSequences: true)(sequences)
/// ```
public final class GRU: BasicRecurrentLayer, @unchecked Sendable {
  public convenience init(
    units: Int, activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid,
    usesBias: Bool = true, kernelInitializer: any Initializer = .glorotUniform,
    recurrentInitializer: any Initializer = .orthogonal, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, recurrentRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, recurrentConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
    seed: Int? = nil, returnsSequences: Bool = false, returnsState: Bool = false,
    goesBackwards: Bool = false, isStateful: Bool = false, isUnrolled: Bool = false,
    zeroesMaskedOutputs: Bool = false, resetsAfter: Bool = true, implementation: Int = 2, name: String? = nil
  ) {
    self.init(
      GRUCell(
        units: units, activation: activation, recurrentActivation: recurrentActivation, usesBias: usesBias,
        kernelInitializer: kernelInitializer, recurrentInitializer: recurrentInitializer,
        biasInitializer: biasInitializer, kernelRegularizer: kernelRegularizer,
        recurrentRegularizer: recurrentRegularizer, biasRegularizer: biasRegularizer,
        kernelConstraint: kernelConstraint, recurrentConstraint: recurrentConstraint,
        biasConstraint: biasConstraint, dropout: dropout, recurrentDropout: recurrentDropout,
        resetsAfter: resetsAfter, seed: seed, implementation: implementation, name: "gru_cell"),
      SequenceOptions(
        returnsSequences: returnsSequences, returnsState: returnsState, goesBackwards: goesBackwards,
        isStateful: isStateful, isUnrolled: isUnrolled, zeroesMaskedOutputs: zeroesMaskedOutputs),
      activityRegularizer: activityRegularizer, name: name)
  }
}

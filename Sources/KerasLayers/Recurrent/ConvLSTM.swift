import KerasGraph

/// A recurrent layer over a ``ConvLSTMCell``: ``ConvLSTM1D``, ``ConvLSTM2D`` and ``ConvLSTM3D``.
///
/// - Inputs: `[batch, time, spatial…, channels]`. Outputs and masks: see ``RNN``; those of one step are
///   `[batch, positions…, filters]`. The states are h and c.
public final class ConvLSTM<Size: SpatialSize>: BasicRecurrentLayer, @unchecked Sendable {
  public convenience init(
    filters: Int, kernelSize: Size, strides: Size = 1, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, dilationRate: Size = 1, activation: ActivationFunction = .tanh,
    recurrentActivation: ActivationFunction = .sigmoid, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, recurrentInitializer: any Initializer = .orthogonal,
    biasInitializer: any Initializer = .zeros, unitForgetBias: Bool = true,
    kernelRegularizer: (any Regularizer)? = nil, recurrentRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, recurrentConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
    seed: Int? = nil, returnsSequences: Bool = false, returnsState: Bool = false,
    goesBackwards: Bool = false, isStateful: Bool = false, zeroesMaskedOutputs: Bool = false,
    name: String? = nil
  ) {
    self.init(
      ConvLSTMCell(
        filters: filters, kernelSize: kernelSize.lengths, strides: strides.lengths, padding: padding,
        dataFormat: dataFormat, dilationRate: dilationRate.lengths, activation: activation,
        recurrentActivation: recurrentActivation, usesBias: usesBias, kernelInitializer: kernelInitializer,
        recurrentInitializer: recurrentInitializer, biasInitializer: biasInitializer,
        unitForgetBias: unitForgetBias, kernelRegularizer: kernelRegularizer,
        recurrentRegularizer: recurrentRegularizer, biasRegularizer: biasRegularizer,
        kernelConstraint: kernelConstraint, recurrentConstraint: recurrentConstraint,
        biasConstraint: biasConstraint, dropout: dropout, recurrentDropout: recurrentDropout, seed: seed,
        name: "conv_lstm_cell"),
      SequenceOptions(
        returnsSequences: returnsSequences, returnsState: returnsState, goesBackwards: goesBackwards,
        isStateful: isStateful, zeroesMaskedOutputs: zeroesMaskedOutputs),
      activityRegularizer: activityRegularizer, name: name)
  }

  package override class var ownName: String { "ConvLSTM\(Size.rank)D" }
}

/// A recurrent layer over a ``ConvLSTMCell`` with one spatial axis: `[batch, time, length, channels]`.
public typealias ConvLSTM1D = ConvLSTM<Int>

/// A recurrent layer over a ``ConvLSTMCell`` with two spatial axes: `[batch, time, height, width, channels]`.
///
/// ```swift
/// let next = ConvLSTM2D(filters: 16, kernelSize: 3, padding: .same)(clips)
/// ```
public typealias ConvLSTM2D = ConvLSTM<Size2D>

/// A recurrent layer over a ``ConvLSTMCell`` with three spatial axes: `[batch, time, depth, height, width, channels]`.
public typealias ConvLSTM3D = ConvLSTM<Size3D>

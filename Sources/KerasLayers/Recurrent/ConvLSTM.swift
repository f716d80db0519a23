import KerasGraph

/// A recurrent layer over a ``ConvLSTMCell`` with one spatial axis: `[batch, time, length, channels]`.
///
/// - Outputs and masks: see ``RNN``; those of one step are `[batch, positions, filters]`. The states are h and c.
public final class ConvLSTM1D: BasicRecurrentLayer, @unchecked Sendable {
  public convenience init(
    filters: Int, kernelSize: Int, strides: Int = 1, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, dilationRate: Int = 1, activation: ActivationFunction = .tanh,
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
        filters: filters, kernelSize: [kernelSize], strides: [strides], padding: padding,
        dataFormat: dataFormat, dilationRate: [dilationRate], activation: activation,
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

  public convenience init(_ settings: Configuration) throws(KerasError) {
    try self.init(settings, rank: 1)
  }
}

/// A recurrent layer over a ``ConvLSTMCell`` with two spatial axes: `[batch, time, height, width, channels]`.
///
/// - Outputs and masks: see ``RNN``; those of one step are `[batch, rows, columns, filters]`. The states are h and c.
///
/// ```swift
/// let next = ConvLSTM2D(filters: 16, kernelSize: 3, padding: .same)(clips)
/// ```
public final class ConvLSTM2D: BasicRecurrentLayer, @unchecked Sendable {
  public convenience init(
    filters: Int, kernelSize: Size2D, strides: Size2D = 1, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, dilationRate: Size2D = 1, activation: ActivationFunction = .tanh,
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

  public convenience init(_ settings: Configuration) throws(KerasError) {
    try self.init(settings, rank: 2)
  }
}

/// A recurrent layer over a ``ConvLSTMCell`` with three spatial axes: `[batch, time, depth, height, width, channels]`.
///
/// - Outputs and masks: see ``RNN``; those of one step are `[batch, layers, rows, columns, filters]`. The states are h
///   and c.
public final class ConvLSTM3D: BasicRecurrentLayer, @unchecked Sendable {
  public convenience init(
    filters: Int, kernelSize: Size3D, strides: Size3D = 1, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, dilationRate: Size3D = 1, activation: ActivationFunction = .tanh,
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

  public convenience init(_ settings: Configuration) throws(KerasError) {
    try self.init(settings, rank: 3)
  }
}

extension BasicRecurrentLayer {
  /// A convolutional one over `rank` spatial axes.
  fileprivate convenience init(_ settings: Configuration, rank: Int) throws(KerasError) {
    self.init(
      try ConvLSTMCell(settings, rank: rank, name: "conv_lstm_cell"), try SequenceOptions(settings),
      activityRegularizer: nil, name: settings.name)
  }
}

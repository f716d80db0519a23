import KerasGraph

/// What ``Conv1DTranspose``, ``Conv2DTranspose`` and ``Conv3DTranspose`` share: each element of the input adds the
/// kernel, times itself, to a window of the output.
///
/// - Input: `[batch, spatial…, channels]`. Output: `[batch, lengths…, filters]` with lengths that a convolution of
///   the same settings would turn into the input's:
///   - padding `valid`: `(length − 1) · stride + max(extent, stride)`
///   - padding `same`: `length · stride`
///   - with an output padding `p`: `(length − 1) · stride + extent + p` for `valid`,
///     `(length − 1) · stride + extent mod 2 + p` for `same`
///
///   where `extent = (size − 1) · dilation + 1`.
/// - Weights, in file order: `kernel [window…, filters, channels]`, `bias [filters]`.
public class TransposedConvolutionLayer: SlidingWindowLayer, @unchecked Sendable {
  public let filters: Int
  /// For each spatial axis; nil for what gives the usual lengths.
  public let outputPadding: [Int]?
  let kernelSettings: WeightSettings

  init(
    filters: Int, outputPadding: [Int]?, kernel: WeightSettings, _ sliding: SlidingWindow,
    activityRegularizer: (any Regularizer)?, name: String?
  ) {
    self.filters = filters
    self.outputPadding = outputPadding
    kernelSettings = kernel
    super.init(sliding, activityRegularizer: activityRegularizer, name: name)
  }

  init(_ settings: Configuration, rank: Int) throws(KerasError) {
    filters = try settings.requiredInteger("filters")
    outputPadding =
      settings.value("output_padding") == nil ? nil : try settings.lengths("output_padding", rank: rank)
    kernelSettings = try WeightSettings("kernel", settings, default: .glorotUniform)
    // Keras 1 stored the answer instead of the question.
    settings.ignore("output_shape")
    super.init(
      try SlidingWindow(settings, rank: rank), activityRegularizer: nil, name: settings.name)
  }

  public final override var config: JSONObject {
    var config = super.config
    config["filters"] = .integer(filters)
    config["output_padding"] = JSON(outputPadding)
    kernelSettings.write("kernel", to: &config)
    return config
  }

  public final override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let channels = try channels(of: inputs[0])
    guard filters > 0, kernelSize.allSatisfy({ $0 > 0 }) else {
      throw KerasError(
        .invalidArgument, "Expected positive sizes, found kernel \(kernelSize) and \(filters) filters.")
    }
    if let outputPadding, !zip(outputPadding, strides).allSatisfy({ 0 <= $0 && $0 < $1 }) {
      throw KerasError(
        .invalidArgument,
        "Output padding must be at least 0 and smaller than the strides \(strides), found \(outputPadding).")
    }
    addWeight("kernel", shape: kernelSize + [filters, channels], kernelSettings)
    addBias(filters)
  }

  public final override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    try expectRank(sliding.rank + 2, graph.spec(of: input))
    let image = try graph.channelsLast(input, dataFormat)
    try ConvolutionPadding.check(size: kernelSize, strides: strides, dilations: dilationRate)
    var lengths: [Int?] = []
    for (axis, length) in graph.shape(of: image).dropFirst().dropLast().enumerated() {
      lengths.append(try length.map { (length) throws(KerasError) in try outputLength(axis, length) })
    }
    // The window slides over the output.
    let window = try window(over: Shape([nil] + lengths + [nil]))
    let sums = try graph.transposedConvolution(
      image, kernel: context.value(of: weight("kernel")), window: window, lengths: lengths)
    return try finish(sums, in: context)
  }

  private func outputLength(_ axis: Int, _ length: Int) throws(KerasError) -> Int {
    guard (1..<1 << 32).contains(length) else {
      throw KerasError(.invalidArgument, "\(className) takes axes of 1 to 2^32 elements, found \(length).")
    }
    let (stride, extent) = (strides[axis], (kernelSize[axis] - 1) * dilationRate[axis] + 1)
    switch (padding, outputPadding?[axis]) {
    case (.same, nil): return length * stride
    case (.same, let extra?): return (length - 1) * stride + extent % 2 + extra
    case (_, nil): return (length - 1) * stride + max(extent, stride)
    case (_, let extra?): return (length - 1) * stride + extent + extra
    }
  }
}

/// Transposed convolution over sequences, `[batch, steps, channels]`.
///
/// ```swift
/// let x = Conv1DTranspose(filters: 8, kernelSize: 4, strides: 2, padding: .same)(sequence)
/// ```
public final class Conv1DTranspose: TransposedConvolutionLayer, @unchecked Sendable {
  public init(
    filters: Int, kernelSize: Int, strides: Int = 1, padding: ConvolutionPadding = .valid,
    outputPadding: Int? = nil, dataFormat: DataFormat = .default, dilationRate: Int = 1,
    activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    super.init(
      filters: filters, outputPadding: outputPadding.map { [$0] },
      kernel: WeightSettings(
        kernelInitializer, regularizer: kernelRegularizer, constraint: kernelConstraint),
      SlidingWindow(
        kernelSize: [kernelSize], strides: [strides], padding: padding, dataFormat: dataFormat,
        dilationRate: [dilationRate], activation: activation, usesBias: usesBias,
        bias: WeightSettings(biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint)),
      activityRegularizer: activityRegularizer, name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(settings, rank: 1) }
}

/// Transposed convolution over images, `[batch, height, width, channels]`.
///
/// ```swift
/// let x = Conv2DTranspose(filters: 32, kernelSize: 3, strides: 2, padding: .same)(image)
/// ```
public final class Conv2DTranspose: TransposedConvolutionLayer, @unchecked Sendable {
  public init(
    filters: Int, kernelSize: Size2D, strides: Size2D = 1, padding: ConvolutionPadding = .valid,
    outputPadding: Size2D? = nil, dataFormat: DataFormat = .default, dilationRate: Size2D = 1,
    activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    super.init(
      filters: filters, outputPadding: outputPadding?.lengths,
      kernel: WeightSettings(
        kernelInitializer, regularizer: kernelRegularizer, constraint: kernelConstraint),
      SlidingWindow(
        kernelSize: kernelSize.lengths, strides: strides.lengths, padding: padding, dataFormat: dataFormat,
        dilationRate: dilationRate.lengths, activation: activation, usesBias: usesBias,
        bias: WeightSettings(biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint)),
      activityRegularizer: activityRegularizer, name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(settings, rank: 2) }
}

/// Transposed convolution over volumes, `[batch, depth, height, width, channels]`.
///
/// ```swift
/// let x = Conv3DTranspose(filters: 8, kernelSize: 2, strides: [1, 2, 2])(clip)
/// ```
public final class Conv3DTranspose: TransposedConvolutionLayer, @unchecked Sendable {
  public init(
    filters: Int, kernelSize: Size3D, strides: Size3D = 1, padding: ConvolutionPadding = .valid,
    outputPadding: Size3D? = nil, dataFormat: DataFormat = .default, dilationRate: Size3D = 1,
    activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    super.init(
      filters: filters, outputPadding: outputPadding?.lengths,
      kernel: WeightSettings(
        kernelInitializer, regularizer: kernelRegularizer, constraint: kernelConstraint),
      SlidingWindow(
        kernelSize: kernelSize.lengths, strides: strides.lengths, padding: padding, dataFormat: dataFormat,
        dilationRate: dilationRate.lengths, activation: activation, usesBias: usesBias,
        bias: WeightSettings(biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint)),
      activityRegularizer: activityRegularizer, name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(settings, rank: 3) }
}

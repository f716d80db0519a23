import KerasGraph

/// What ``Conv1D``, ``Conv2D`` and ``Conv3D`` share.
///
/// - Input: `[batch, spatial…, channels]`. Output: `[batch, positions…, filters]`.
/// - Weights, in file order: `kernel [window…, channels / groups, filters]`, `bias [filters]`.
///
/// Group `g` of the filters sees group `g` of the channels only.
public class ConvolutionLayer: SlidingWindowLayer, LowRankAdaptable, @unchecked Sendable {
  public let filters: Int
  public let groups: Int
  let kernelSettings: WeightSettings
  public let adaptation: LowRankAdaptation

  init(
    filters: Int, groups: Int, kernel: WeightSettings, _ adaptation: LowRankAdaptation,
    _ sliding: SlidingWindow,
    activityRegularizer: (any Regularizer)?, name: String?
  ) {
    self.filters = filters
    self.groups = groups
    kernelSettings = kernel
    self.adaptation = adaptation
    super.init(sliding, activityRegularizer: activityRegularizer, name: name)
  }

  init(_ settings: Configuration, rank: Int) throws(KerasError) {
    filters = try settings.requiredInteger("filters")
    groups = try settings.integer("groups", default: 1)
    kernelSettings = try WeightSettings("kernel", settings, default: .glorotUniform)
    adaptation = LowRankAdaptation(
      of: "kernel", rank: try settings.integer("lora_rank"), alpha: try settings.number("lora_alpha"))
    super.init(
      try SlidingWindow(settings, rank: rank, allowsCausal: rank == 1), activityRegularizer: nil,
      name: settings.name)
  }

  override class var takesCausalPadding: Bool { true }

  public final override var config: JSONObject {
    var config = super.config
    config["filters"] = .integer(filters)
    config["groups"] = .integer(groups)
    kernelSettings.write("kernel", to: &config)
    adaptation.write(to: &config)
    return config
  }

  public final override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let channels = try channels(of: inputs[0])
    guard filters > 0, groups > 0, kernelSize.allSatisfy({ $0 > 0 }), filters % groups == 0,
      channels % groups == 0
    else {
      throw KerasError(
        .invalidArgument,
        "Expected positive sizes and groups that divide filters and channels, found "
          + "kernel \(kernelSize), \(groups) groups, \(filters) filters, \(channels) channels.")
    }
    addWeight("kernel", shape: kernelSize + [channels / groups, filters], kernelSettings)
    addBias(filters)
    try buildAdaptation()
  }

  public final override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    try expectRank(sliding.rank + 2, graph.spec(of: input))
    let image = try graph.channelsLast(input, dataFormat)
    let sums = try graph.convolution(
      image, kernel: adaptedWeight(in: context), window: window(over: graph.shape(of: image)),
      groups: groups)
    return try finish(sums, in: context)
  }
}

/// Convolution over sequences, `[batch, steps, channels]`.
///
/// ```swift
/// let x = Conv1D(filters: 32, kernelSize: 2, padding: .causal, dilationRate: 4)(sequence)
/// ```
public final class Conv1D: ConvolutionLayer, @unchecked Sendable {
  public init(
    filters: Int, kernelSize: Int, strides: Int = 1, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, dilationRate: Int = 1, groups: Int = 1,
    activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, loraRank: Int? = nil, loraAlpha: Double? = nil,
    name: String? = nil
  ) {
    super.init(
      filters: filters, groups: groups,
      kernel: WeightSettings(
        kernelInitializer, regularizer: kernelRegularizer, constraint: kernelConstraint),
      LowRankAdaptation(of: "kernel", rank: loraRank, alpha: loraAlpha),
      SlidingWindow(
        kernelSize: [kernelSize], strides: [strides], padding: padding, dataFormat: dataFormat,
        dilationRate: [dilationRate], activation: activation, usesBias: usesBias,
        bias: WeightSettings(biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint)),
      activityRegularizer: activityRegularizer, name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(settings, rank: 1) }
}

/// Convolution over images, `[batch, height, width, channels]`.
///
/// ```swift
/// let x = Conv2D(filters: 64, kernelSize: 3, padding: .same, activation: .relu)(image)
/// ```
public final class Conv2D: ConvolutionLayer, @unchecked Sendable {
  public init(
    filters: Int, kernelSize: Size2D, strides: Size2D = 1, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, dilationRate: Size2D = 1, groups: Int = 1,
    activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, loraRank: Int? = nil, loraAlpha: Double? = nil,
    name: String? = nil
  ) {
    super.init(
      filters: filters, groups: groups,
      kernel: WeightSettings(
        kernelInitializer, regularizer: kernelRegularizer, constraint: kernelConstraint),
      LowRankAdaptation(of: "kernel", rank: loraRank, alpha: loraAlpha),
      SlidingWindow(
        kernelSize: kernelSize.lengths, strides: strides.lengths, padding: padding, dataFormat: dataFormat,
        dilationRate: dilationRate.lengths, activation: activation, usesBias: usesBias,
        bias: WeightSettings(biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint)),
      activityRegularizer: activityRegularizer, name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(settings, rank: 2) }
}

/// Convolution over volumes, `[batch, depth, height, width, channels]`.
///
/// ```swift
/// let x = Conv3D(filters: 8, kernelSize: [1, 3, 3])(clip)
/// ```
public final class Conv3D: ConvolutionLayer, @unchecked Sendable {
  public init(
    filters: Int, kernelSize: Size3D, strides: Size3D = 1, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, dilationRate: Size3D = 1, groups: Int = 1,
    activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, loraRank: Int? = nil, loraAlpha: Double? = nil,
    name: String? = nil
  ) {
    super.init(
      filters: filters, groups: groups,
      kernel: WeightSettings(
        kernelInitializer, regularizer: kernelRegularizer, constraint: kernelConstraint),
      LowRankAdaptation(of: "kernel", rank: loraRank, alpha: loraAlpha),
      SlidingWindow(
        kernelSize: kernelSize.lengths, strides: strides.lengths, padding: padding, dataFormat: dataFormat,
        dilationRate: dilationRate.lengths, activation: activation, usesBias: usesBias,
        bias: WeightSettings(biasInitializer, regularizer: biasRegularizer, constraint: biasConstraint)),
      activityRegularizer: activityRegularizer, name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) { try super.init(settings, rank: 3) }
}

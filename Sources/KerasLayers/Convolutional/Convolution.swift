import KerasGraph

/// Convolution over 1 to 3 spatial axes: ``Conv1D``, ``Conv2D`` and ``Conv3D``.
///
/// - Input: `[batch, spatial…, channels]`. Output: `[batch, positions…, filters]`.
/// - Weights, in file order: `kernel [window…, channels / groups, filters]`, `bias [filters]`.
///
/// Group `g` of the filters sees group `g` of the channels only.
public final class Convolution<Size: SpatialSize>: SlidingWindowLayer, LowRankAdaptable, @unchecked Sendable {
  @Setting("filters", .required) public private(set) var filters: Int
  @Setting("groups") public private(set) var groups: Int
  @Setting("kernel") var kernel: WeightSettings
  @Setting("lora") public private(set) var adaptation: LowRankAdaptation

  public init(
    filters: Int, kernelSize: Size, strides: Size = 1, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, dilationRate: Size = 1, groups: Int = 1,
    activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, loraRank: Int? = nil, loraAlpha: Double? = nil,
    name: String? = nil
  ) {
    super.init(
      SlidingWindow(
        kernelSize: kernelSize.lengths, strides: strides.lengths, padding: padding, dataFormat: dataFormat,
        dilationRate: dilationRate.lengths, activation: activation, usesBias: usesBias,
        bias: WeightSettings(biasInitializer, biasRegularizer, biasConstraint)),
      activityRegularizer: activityRegularizer, name: name)
    self.filters = filters
    self.groups = groups
    kernel = WeightSettings(kernelInitializer, kernelRegularizer, kernelConstraint)
    adaptation = LowRankAdaptation(of: "kernel", rank: loraRank, alpha: loraAlpha)
  }

  package override class var ownName: String { "Conv\(Size.rank)D" }
  override class var takesCausalPadding: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let channels = try channels(of: inputs[0])
    guard filters > 0, groups > 0, kernelSize.allSatisfy({ $0 > 0 }), filters % groups == 0,
      channels % groups == 0
    else {
      throw KerasError(
        .invalidArgument,
        "Expected positive sizes and groups that divide filters and channels, found "
          + "kernel \(kernelSize), \(groups) groups, \(filters) filters, \(channels) channels.")
    }
    addWeight("kernel", shape: kernelSize + [channels / groups, filters], kernel)
    addBias(filters)
    try buildAdaptation()
  }

  override func sums(of image: Value, in context: CallContext) throws(KerasError) -> Value {
    try context.graph.convolution(
      image, kernel: adaptedWeight(in: context), window: sliding.window(over: context.graph.shape(of: image)),
      groups: groups)
  }
}

/// Convolution over sequences, `[batch, steps, channels]`.
///
/// ```swift
/// let x = Conv1D(filters: 32, kernelSize: 2, padding: .causal, dilationRate: 4)(sequence)
/// ```
public typealias Conv1D = Convolution<Int>

/// Convolution over images, `[batch, height, width, channels]`.
///
/// ```swift
/// let x = Conv2D(filters: 64, kernelSize: 3, padding: .same, activation: .relu)(image)
/// ```
public typealias Conv2D = Convolution<Size2D>

/// Convolution over volumes, `[batch, depth, height, width, channels]`.
///
/// ```swift
/// let x = Conv3D(filters: 8, kernelSize: [1, 3, 3])(clip)
/// ```
public typealias Conv3D = Convolution<Size3D>

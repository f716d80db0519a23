import KerasGraph

/// ``SeparableConv1D`` and ``SeparableConv2D``: a depthwise convolution, then one that mixes the channels of each
/// position.
///
/// - Input: `[batch, spatial…, channels]`. Output: `[batch, positions…, filters]`.
/// - Weights, in file order: `depthwise_kernel [window…, channels, depthMultiplier]`,
///   `pointwise_kernel [1…, channels · depthMultiplier, filters]`, `bias [filters]`.
///
/// Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions" (2017).
public final class SeparableConvolution<Size: SpatialSize>: SlidingWindowLayer, @unchecked Sendable {
  @Setting("filters", .required) public private(set) var filters: Int
  @Setting("depth_multiplier") public private(set) var depthMultiplier: Int
  @Setting("depthwise") var depthwise: WeightSettings
  @Setting("pointwise") var pointwise: WeightSettings

  public init(
    filters: Int, kernelSize: Size, strides: Size = 1, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, dilationRate: Size = 1, depthMultiplier: Int = 1,
    activation: ActivationFunction = .linear, usesBias: Bool = true,
    depthwiseInitializer: any Initializer = .glorotUniform,
    pointwiseInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    depthwiseRegularizer: (any Regularizer)? = nil, pointwiseRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    depthwiseConstraint: (any Constraint)? = nil, pointwiseConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    super.init(
      SlidingWindow(
        kernelSize: kernelSize.lengths, strides: strides.lengths, padding: padding, dataFormat: dataFormat,
        dilationRate: dilationRate.lengths, activation: activation, usesBias: usesBias,
        bias: WeightSettings(biasInitializer, biasRegularizer, biasConstraint)),
      activityRegularizer: activityRegularizer, name: name)
    self.filters = filters
    self.depthMultiplier = depthMultiplier
    depthwise = WeightSettings(depthwiseInitializer, depthwiseRegularizer, depthwiseConstraint)
    pointwise = WeightSettings(pointwiseInitializer, pointwiseRegularizer, pointwiseConstraint)
  }

  package override class var ownName: String { "SeparableConv\(Size.rank)D" }
  override class var takesStridesAndDilations: Bool { true }
  /// Keras 2 knew it, Keras 3 does not.
  override class var takesCausalPadding: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let channels = try channels(of: inputs[0])
    let between = channels.multipliedReportingOverflow(by: depthMultiplier)
    guard filters > 0, depthMultiplier > 0, !between.overflow, kernelSize.allSatisfy({ $0 > 0 }) else {
      throw KerasError(
        .invalidArgument,
        "Expected positive sizes, found kernel \(kernelSize), depth multiplier \(depthMultiplier) and "
          + "\(filters) filters.")
    }
    addWeight("depthwise_kernel", shape: kernelSize + [channels, depthMultiplier], depthwise)
    addWeight(
      "pointwise_kernel", shape: kernelSize.map { _ in 1 } + [between.partialValue, filters], pointwise)
    addBias(filters)
  }

  override func sums(of image: Value, in context: CallContext) throws(KerasError) -> Value {
    let separate = try context.graph.depthwiseConvolution(
      image, kernel: context.value(of: weight("depthwise_kernel")),
      window: sliding.window(over: context.graph.shape(of: image)))
    return try context.graph.convolution(
      separate, kernel: context.value(of: weight("pointwise_kernel")),
      window: Window(kernelSize.map { _ in 1 }))
  }
}

/// Separable convolution over sequences, `[batch, steps, channels]`.
///
/// ```swift
/// let x = SeparableConv1D(filters: 32, kernelSize: 5)(sequence)
/// ```
public typealias SeparableConv1D = SeparableConvolution<Int>

/// Separable convolution over images, `[batch, height, width, channels]`.
///
/// ```swift
/// let x = SeparableConv2D(filters: 728, kernelSize: 3, padding: .same, usesBias: false)(image)
/// ```
public typealias SeparableConv2D = SeparableConvolution<Size2D>

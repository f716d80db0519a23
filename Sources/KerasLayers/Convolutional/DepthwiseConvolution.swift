import KerasGraph

/// What ``DepthwiseConv1D`` and ``DepthwiseConv2D`` share: convolution of each channel by itself, by
/// `depthMultiplier` filters.
///
/// - Input: `[batch, spatial…, channels]`. Output: `[batch, positions…, channels · depthMultiplier]`;
///   filter `m` of channel `c` is output channel `c · depthMultiplier + m`.
/// - Weights, in file order: `kernel [window…, channels, depthMultiplier]` (named `depthwise_kernel` by
///   Keras 2), `bias [channels · depthMultiplier]`.
public class DepthwiseConvolutionLayer: SlidingWindowLayer, @unchecked Sendable {
  @Setting("depth_multiplier") public fileprivate(set) var depthMultiplier: Int
  @Setting("depthwise") fileprivate var kernel: WeightSettings

  override class var takesStridesAndDilations: Bool { true }

  public final override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let channels = try channels(of: inputs[0])
    let outputs = channels.multipliedReportingOverflow(by: depthMultiplier)
    guard depthMultiplier > 0, !outputs.overflow, kernelSize.allSatisfy({ $0 > 0 }) else {
      throw KerasError(
        .invalidArgument,
        "Expected a positive depth multiplier and kernel, found \(depthMultiplier) and \(kernelSize).")
    }
    addWeight("kernel", shape: kernelSize + [channels, depthMultiplier], kernel)
    addBias(outputs.partialValue)
  }

  final override func sums(of image: Value, in context: CallContext) throws(KerasError) -> Value {
    try context.graph.depthwiseConvolution(
      image, kernel: context.value(of: weight("kernel")),
      window: sliding.window(over: context.graph.shape(of: image)))
  }
}

extension GraphBuilder {
  /// Convolution of each channel by itself with a kernel `[window…, channels, multiplier]`.
  func depthwiseConvolution(_ image: Value, kernel: Value, window: Window) throws(KerasError) -> Value {
    let shape = shape(of: kernel).compactMap { $0 }
    let (channels, multiplier) = (shape[window.rank], shape[window.rank + 1])
    // As many groups as channels: the multiplier's filters of a channel stand beside each other already.
    let grouped = try reshape(kernel, to: window.size + [1, channels * multiplier])
    return try convolution(image, kernel: grouped, window: window, groups: channels)
  }
}

/// A depthwise convolution over 1 or 2 spatial axes: ``DepthwiseConv1D`` and ``DepthwiseConv2D``.
public final class DepthwiseConvolution<Size: SpatialSize>: DepthwiseConvolutionLayer, @unchecked Sendable {
  public init(
    kernelSize: Size, strides: Size = 1, padding: ConvolutionPadding = .valid, depthMultiplier: Int = 1,
    dataFormat: DataFormat = .default, dilationRate: Size = 1,
    activation: ActivationFunction = .linear, usesBias: Bool = true,
    depthwiseInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    depthwiseRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, depthwiseConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    super.init(
      SlidingWindow(
        kernelSize: kernelSize.lengths, strides: strides.lengths, padding: padding, dataFormat: dataFormat,
        dilationRate: dilationRate.lengths, activation: activation, usesBias: usesBias,
        bias: WeightSettings(biasInitializer, biasRegularizer, biasConstraint)),
      activityRegularizer: activityRegularizer, name: name)
    self.depthMultiplier = depthMultiplier
    kernel = WeightSettings(depthwiseInitializer, depthwiseRegularizer, depthwiseConstraint)
  }

  package override class var ownName: String { "DepthwiseConv\(Size.rank)D" }
}

/// Depthwise convolution over sequences, `[batch, steps, channels]`.
///
/// ```swift
/// let x = DepthwiseConv1D(kernelSize: 3, depthMultiplier: 2)(sequence)
/// ```
public typealias DepthwiseConv1D = DepthwiseConvolution<Int>

/// Depthwise convolution over images, `[batch, height, width, channels]`.
///
/// ```swift
/// let x = DepthwiseConv2D(kernelSize: 3, padding: .same)(image)
/// ```
public typealias DepthwiseConv2D = DepthwiseConvolution<Size2D>

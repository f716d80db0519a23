import KerasGraph

/// Convolution of each channel by itself: `depthMultiplier` filters a channel.
///
/// - Input: `[batch, height, width, channels]`. Output: `[batch, positions…, channels · depthMultiplier]`;
///   filter `m` of channel `c` is output channel `c · depthMultiplier + m`.
/// - Weights, in file order: `kernel [height, width, channels, depthMultiplier]` (named `depthwise_kernel` by
///   Keras 2), `bias [channels · depthMultiplier]`.
public final class DepthwiseConv2D: Layer, @unchecked Sendable {
  public let kernelSize: Size2D
  public let strides: Size2D
  public let padding: ConvolutionPadding
  public let depthMultiplier: Int
  public let dilationRate: Size2D
  public let activation: ActivationFunction
  public let usesBias: Bool
  private let depthwiseInitializer: any Initializer
  private let biasInitializer: any Initializer

  public init(
    kernelSize: Size2D, strides: Size2D = 1, padding: ConvolutionPadding = .valid, depthMultiplier: Int = 1,
    dilationRate: Size2D = 1, activation: ActivationFunction = .linear, usesBias: Bool = true,
    depthwiseInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    name: String? = nil
  ) {
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.depthMultiplier = depthMultiplier
    self.dilationRate = dilationRate
    self.activation = activation
    self.usesBias = usesBias
    self.depthwiseInitializer = depthwiseInitializer
    self.biasInitializer = biasInitializer
    super.init(name: name)
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try expectRank(4, inputs[0])
    let channels = try knownLength(-1, of: inputs[0])
    let outputs = channels.multipliedReportingOverflow(by: depthMultiplier)
    guard depthMultiplier > 0, !outputs.overflow, kernelSize.lengths.allSatisfy({ $0 > 0 }) else {
      throw KerasError(
        .invalidArgument,
        "Expected a positive depth multiplier and kernel, found \(depthMultiplier) and \(kernelSize.lengths)."
      )
    }
    addWeight(
      "kernel", shape: kernelSize.lengths + [channels, depthMultiplier], initializer: depthwiseInitializer)
    if usesBias { addWeight("bias", shape: [outputs.partialValue], initializer: biasInitializer) }
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let kernel = try weight("kernel")
    let channels = kernel.shape[2]
    let window = Window(
      kernelSize.lengths, strides: strides.lengths, dilations: dilationRate.lengths,
      padding: try padding.amounts(
        for: graph.shape(of: input), size: kernelSize.lengths, strides: strides.lengths,
        dilations: dilationRate.lengths))
    // As many groups as channels: the multiplier's filters of a channel stand beside each other already.
    let grouped = try graph.reshape(
      context.value(of: kernel), to: kernelSize.lengths + [1, channels * depthMultiplier])
    var output = try graph.convolution(input, kernel: grouped, window: window, groups: channels)
    if usesBias { output = try graph.add(output, context.value(of: weight("bias"))) }
    return try activation.apply(to: output, in: graph)
  }
}

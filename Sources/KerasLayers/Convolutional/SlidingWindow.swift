import KerasGraph

/// How the window of a convolution slides, and what follows its sums.
///
/// Sizes, strides and dilation rates have one number for each spatial axis.
struct SlidingWindow: SettingGroup {
  @Setting("kernel_size", .lengths, .required) var kernelSize: [Int] = []
  @Setting("strides", .lengths) var strides: [Int] = []
  @Setting("padding", ConvolutionPadding.codec(allowsCausal: true)) var padding = ConvolutionPadding.valid
  @Setting("data_format") var dataFormat = DataFormat.default
  @Setting("dilation_rate", .lengths) var dilationRate: [Int] = []
  @Setting("activation") var activation = ActivationFunction.linear
  @Setting("use_bias") var usesBias = true
  @Setting("bias") var bias = WeightSettings(.zeros)

  var rank: Int { kernelSize.count }

  /// The window over a tensor `[batch, spatial…, channels]`.
  func window(over shape: Shape) throws(KerasError) -> Window {
    Window(
      kernelSize, strides: strides, dilations: dilationRate,
      padding: try padding.amounts(for: shape, size: kernelSize, strides: strides, dilations: dilationRate))
  }
}

/// What layers share that slide a window of weights over 1 to 3 spatial axes.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`; the output has the
///   same order.
public class SlidingWindowLayer: Layer, @unchecked Sendable {
  let sliding: SlidingWindow
  public final var kernelSize: [Int] { sliding.kernelSize }
  public final var strides: [Int] { sliding.strides }
  public final var padding: ConvolutionPadding { sliding.padding }
  public final var dataFormat: DataFormat { sliding.dataFormat }
  public final var dilationRate: [Int] { sliding.dilationRate }
  public final var activation: ActivationFunction { sliding.activation }
  public final var usesBias: Bool { sliding.usesBias }

  init(_ sliding: SlidingWindow, activityRegularizer: (any Regularizer)?, name: String?) {
    self.sliding = sliding
    super.init(name: name)
    self.activityRegularizer = activityRegularizer
    adopt(sliding.activation)
  }

  package override var nullSettings: [String] { ["activity_regularizer"] }

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    guard padding != .causal || Self.takesCausalPadding && sliding.rank == 1 else {
      throw configuration.wrong("padding", "valid or same", .string(padding.rawValue))
    }
  }

  /// Whether the window may take strides and have holes at once.
  class var takesStridesAndDilations: Bool { false }

  /// Whether padding may be causal, over sequences.
  class var takesCausalPadding: Bool { false }

  /// The number of channels of the input, after checks that hold for all layers.
  final func channels(of input: TensorSpec) throws(KerasError) -> Int {
    try expectRank(sliding.rank + 2, input)
    guard padding != .causal || Self.takesCausalPadding && sliding.rank == 1 else {
      throw KerasError(.invalidArgument, "\(className) takes no causal padding.")
    }
    guard
      Self.takesStridesAndDilations || strides.allSatisfy({ $0 <= 1 })
        || dilationRate.allSatisfy({ $0 <= 1 })
    else {
      throw KerasError(
        .invalidArgument,
        "\(className) takes no strides together with dilations, found \(strides) and \(dilationRate).")
    }
    return try knownLength(dataFormat.channelAxis, of: input)
  }

  final func addBias(_ filters: Int) {
    if usesBias { addWeight("bias", shape: [filters], sliding.bias) }
  }

  /// The sums that the windows over an image give; both have their channels last.
  func sums(of image: Value, in context: CallContext) throws(KerasError) -> Value { image }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try expectRank(sliding.rank + 2, context.graph.spec(of: input))
    let image = try context.graph.channelsLast(input, dataFormat)
    return try finish(sums(of: image, in: context), in: context)
  }

  /// What follows the sums (channels last): bias, activation, and the order of axes the layer has.
  private func finish(_ sums: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    var output = sums
    if usesBias { output = try graph.add(output, context.value(of: weight("bias"))) }
    guard activation.seesAxes else {
      return try graph.restoringChannels(activation.apply(to: output, in: context), dataFormat)
    }
    return try activation.apply(to: graph.restoringChannels(output, dataFormat), in: context)
  }
}

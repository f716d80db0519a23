import KerasGraph

/// What all convolution layers share: a window of weights slid over 1 to 3 spatial axes.
///
/// - Input: `[batch, spatial…, channels]`. Output: `[batch, positions…, filters]`.
/// - Weights, in file order: `kernel [window…, channels / groups, filters]`, `bias [filters]`.
public class ConvolutionLayer: Layer, @unchecked Sendable {
  public let filters: Int
  public let kernelSize: [Int]
  public let strides: [Int]
  public let padding: ConvolutionPadding
  public let dilationRate: [Int]
  public let groups: Int
  public let activation: ActivationFunction
  public let usesBias: Bool
  private let kernelInitializer: any Initializer
  private let biasInitializer: any Initializer

  init(
    filters: Int, kernelSize: [Int], strides: [Int], padding: ConvolutionPadding, dilationRate: [Int],
    groups: Int, activation: ActivationFunction, usesBias: Bool, kernelInitializer: any Initializer,
    biasInitializer: any Initializer, name: String?
  ) {
    self.filters = filters
    self.kernelSize = kernelSize
    self.strides = strides
    self.padding = padding
    self.dilationRate = dilationRate
    self.groups = groups
    self.activation = activation
    self.usesBias = usesBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    super.init(name: name)
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try expectRank(kernelSize.count + 2, inputs[0])
    let channels = try knownLength(-1, of: inputs[0])
    guard filters > 0, groups > 0, kernelSize.allSatisfy({ $0 > 0 }), filters % groups == 0,
      channels % groups == 0
    else {
      throw KerasError(
        .invalidArgument,
        "Expected positive sizes and groups that divide filters and channels, found "
          + "kernel \(kernelSize), \(groups) groups, \(filters) filters, \(channels) channels.")
    }
    addWeight("kernel", shape: kernelSize + [channels / groups, filters], initializer: kernelInitializer)
    if usesBias { addWeight("bias", shape: [filters], initializer: biasInitializer) }
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let window = Window(
      kernelSize, strides: strides, dilations: dilationRate,
      padding: try padding.amounts(
        for: graph.shape(of: input), size: kernelSize, strides: strides, dilations: dilationRate))
    var output = try graph.convolution(
      input, kernel: context.value(of: weight("kernel")), window: window, groups: groups)
    if usesBias { output = try graph.add(output, context.value(of: weight("bias"))) }
    return try activation.apply(to: output, in: graph)
  }
}

/// Convolution over images, `[batch, height, width, channels]`.
///
/// ```swift
/// let x = Conv2D(filters: 64, kernelSize: 3, padding: .same, activation: .relu)(image)
/// ```
public final class Conv2D: ConvolutionLayer, @unchecked Sendable {
  public init(
    filters: Int, kernelSize: Size2D, strides: Size2D = 1, padding: ConvolutionPadding = .valid,
    dilationRate: Size2D = 1, groups: Int = 1, activation: ActivationFunction = .linear,
    usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    name: String? = nil
  ) {
    super.init(
      filters: filters, kernelSize: kernelSize.lengths, strides: strides.lengths, padding: padding,
      dilationRate: dilationRate.lengths, groups: groups, activation: activation, usesBias: usesBias,
      kernelInitializer: kernelInitializer, biasInitializer: biasInitializer, name: name)
  }
}

/// A height and a width; a plain number means both: `3`, `[3, 5]`.
public struct Size2D: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public let height: Int
  public let width: Int

  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }
  public init(integerLiteral value: Int) { self.init(value, value) }
  public init(arrayLiteral elements: Int...) {
    precondition(elements.count == 2, "a height and a width")
    self.init(elements[0], elements[1])
  }
  var lengths: [Int] { [height, width] }
}

import KerasGraph

/// ``Conv1DTranspose``, ``Conv2DTranspose`` and ``Conv3DTranspose``: each element of the input adds the kernel, times
/// itself, to a window of the output.
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
public final class TransposedConvolution<Size: SpatialSize>: SlidingWindowLayer, @unchecked Sendable {
  @Setting("filters", .required) public private(set) var filters: Int
  /// For each spatial axis; nil for what gives the usual lengths.
  @Setting("output_padding", .lengths(rank: Size.rank)) public private(set) var outputPadding: [Int]?
  @Setting("kernel") var kernel: WeightSettings

  public init(
    filters: Int, kernelSize: Size, strides: Size = 1, padding: ConvolutionPadding = .valid,
    outputPadding: Size? = nil, dataFormat: DataFormat = .default, dilationRate: Size = 1,
    activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    super.init(
      SlidingWindow(
        kernelSize: kernelSize.lengths, strides: strides.lengths, padding: padding, dataFormat: dataFormat,
        dilationRate: dilationRate.lengths, activation: activation, usesBias: usesBias,
        bias: WeightSettings(biasInitializer, biasRegularizer, biasConstraint)),
      activityRegularizer: activityRegularizer, name: name)
    self.filters = filters
    self.outputPadding = outputPadding?.lengths
    kernel = WeightSettings(kernelInitializer, kernelRegularizer, kernelConstraint)
  }

  package override class var ownName: String { "Conv\(Size.rank)DTranspose" }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
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
    addWeight("kernel", shape: kernelSize + [filters, channels], kernel)
    addBias(filters)
  }

  override func sums(of image: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    try ConvolutionPadding.check(size: kernelSize, strides: strides, dilations: dilationRate)
    let lengths = try graph.shape(of: image).dropFirst().dropLast().enumerated().map {
      (axis, length) throws(KerasError) in try outputLength(axis, length)
    }
    // The window slides over the output.
    let window = try sliding.window(over: Shape([nil] + lengths + [nil]))
    return try graph.transposedConvolution(
      image, kernel: context.value(of: weight("kernel")), window: window, lengths: lengths)
  }

  private func outputLength(_ axis: Int, _ length: Int?) throws(KerasError) -> Int? {
    guard let length else { return nil }
    try require(
      (1..<1 << 32).contains(length), "\(className) takes axes of 1 to 2^32 elements, found \(length).")
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
public typealias Conv1DTranspose = TransposedConvolution<Int>

/// Transposed convolution over images, `[batch, height, width, channels]`.
///
/// ```swift
/// let x = Conv2DTranspose(filters: 32, kernelSize: 3, strides: 2, padding: .same)(image)
/// ```
public typealias Conv2DTranspose = TransposedConvolution<Size2D>

/// Transposed convolution over volumes, `[batch, depth, height, width, channels]`.
///
/// ```swift
/// let x = Conv3DTranspose(filters: 8, kernelSize: 2, strides: [1, 2, 2])(clip)
/// ```
public typealias Conv3DTranspose = TransposedConvolution<Size3D>

import KerasGraph

/// An ``LSTMCell`` whose products are convolutions, so that states are images.
///
/// Shi et al. (2015), https://arxiv.org/abs/1506.04214 (without peepholes, as in Keras).
///
/// - Input: `[batch, spatial…, channels]` over 1 to 3 spatial axes of known lengths. Output: h. States: h and c, each
///   `[batch, positions…, filters]`. With channels first, all of them have the channels behind the batch.
/// - Weights, in file order, with the filters of i, f, g and o in turn: `kernel [window…, channels, 4 · filters]`,
///   `recurrent_kernel [window…, filters, 4 · filters]`, `bias [4 · filters]`.
///
/// The convolution of the state has no strides, no dilation and the padding `same`.
public final class ConvLSTMCell: GatedCell, @unchecked Sendable {
  @Setting("filters", .required) public private(set) var filters: Int
  @Setting("recurrent_activation") public private(set) var recurrentActivation: ActivationFunction
  /// Whether the forget gate's bias starts with ones.
  @Setting("unit_forget_bias") public private(set) var unitForgetBias: Bool
  /// How the window slides over the input; its activation is the cell's.
  let sliding: SlidingWindow

  public var activation: ActivationFunction { sliding.activation }
  /// The number of spatial axes.
  public var rank: Int { sliding.rank }

  /// - Parameters:
  ///   - kernelSize: one length for each spatial axis.
  ///   - strides: as many; nil for 1 each.
  ///   - dilationRate: as many; nil for 1 each. Not together with strides.
  public init(
    filters: Int, kernelSize: [Int], strides: [Int]? = nil, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, dilationRate: [Int]? = nil,
    activation: ActivationFunction = .tanh,
    recurrentActivation: ActivationFunction = .sigmoid, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, recurrentInitializer: any Initializer = .orthogonal,
    biasInitializer: any Initializer = .zeros, unitForgetBias: Bool = true,
    kernelRegularizer: (any Regularizer)? = nil, recurrentRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    recurrentConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    dropout: Double = 0, recurrentDropout: Double = 0, seed: Int? = nil, name: String? = nil
  ) {
    sliding = SlidingWindow(
      kernelSize: kernelSize, strides: strides ?? kernelSize.map { _ in 1 }, padding: padding,
      dataFormat: dataFormat, dilationRate: dilationRate ?? kernelSize.map { _ in 1 },
      activation: activation)
    super.init(
      CellOptions(
        usesBias: usesBias, kernel: .init(kernelInitializer, kernelRegularizer, kernelConstraint),
        recurrentKernel: .init(recurrentInitializer, recurrentRegularizer, recurrentConstraint),
        bias: .init(biasInitializer, biasRegularizer, biasConstraint), dropout: dropout,
        recurrentDropout: recurrentDropout, seed: seed),
      name: name ?? Session.current.uniqueName("conv_lstm_cell"))
    self.filters = filters
    self.recurrentActivation = recurrentActivation
    self.unitForgetBias = unitForgetBias
  }

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    guard sliding.padding != .causal else {
      throw configuration.wrong("padding", "valid or same", .string(sliding.padding.rawValue))
    }
  }

  /// Keras 2's name; Keras 3 keeps its cell to itself.
  public override var className: String { "ConvLSTM\(rank)DCell" }

  // MARK: Shapes

  public override func stateShapes(for input: TensorSpec) throws(KerasError) -> [[Int]] {
    let image = lastChannels(input.shape)
    let window = try inputWindow(over: image)
    var positions: [Int] = []
    for axis in 0..<rank {
      guard let length = try window.positions(axis, over: image[axis + 1]) else {
        throw KerasError(
          .shapeMismatch, "\(className) needs spatial axes of known lengths, found \(input).",
          remedy: "give the input a shape with those lengths.")
      }
      positions.append(length)
    }
    let shape = sliding.dataFormat == .channelsLast ? positions + [filters] : [filters] + positions
    return [shape, shape]
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try checkCount(filters, "filters")
    _ = try stateShapes(for: inputs[0])
    guard sliding.strides.allSatisfy({ $0 <= 1 }) || sliding.dilationRate.allSatisfy({ $0 <= 1 }) else {
      throw KerasError(
        .invalidArgument,
        "\(className) takes no strides together with dilations, found \(sliding.strides) and "
          + "\(sliding.dilationRate).")
    }
    let channels = try knownLength(sliding.dataFormat.channelAxis, of: inputs[0])
    addWeights(window: sliding.kernelSize, from: channels, to: filters)
  }

  /// `[batch, spatial…, channels]`.
  private func lastChannels(_ shape: Shape) -> Shape {
    guard sliding.dataFormat == .channelsFirst, shape.rank == rank + 2 else { return shape }
    return Shape([shape[0]] + Array(shape[2...]) + [shape[1]])
  }

  private func inputWindow(over image: Shape) throws(KerasError) -> Window {
    let counts = [sliding.strides.count, sliding.dilationRate.count]
    try require(
      (1...3).contains(rank) && counts == [rank, rank],
      "Expected one size, stride and dilation rate for each of 1 to 3 spatial axes, found "
        + "\(sliding.kernelSize), \(sliding.strides) and \(sliding.dilationRate).")
    try expectRank(rank + 2, TensorSpec(image))
    return try sliding.window(over: image)
  }

  // MARK: Computation

  override var gateCount: Int { 4 }
  /// Every gate has dropout masks of its own, in the order of axes that inputs and states have.
  override var maskCount: Int { 4 }
  override var forgetGate: Range<Int>? { unitForgetBias ? filters..<2 * filters : nil }

  /// The convolution of the input, channels last whatever the data format; of all steps as of one large batch.
  override func product(_ x: Value, _ kernel: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    let shape = graph.shape(of: x)
    guard shape.rank == rank + 3 else {
      let image = try graph.channelsLast(x, sliding.dataFormat)
      return try graph.convolution(image, kernel: kernel, window: inputWindow(over: graph.shape(of: image)))
    }
    let batch = [Shape(Array(shape.prefix(2))).elementCount]
    let result = try product(graph.reshaped(x, to: Shape(batch + shape.dropFirst(2))), kernel, in: graph)
    return try graph.reshaped(result, to: Shape(Array(shape.prefix(2)) + graph.shape(of: result).dropFirst()))
  }

  public override func step(
    _ input: Value, states: [Value], constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    let graph = context.graph
    let kernel = try context.value(of: weight("recurrent_kernel"))
    let product = try graph.gated(
      states[0], kernel, gateCount: 4, masks: constants.stateMasks
    ) { (h, kernel) throws(KerasError) in
      let image = try graph.channelsLast(h, sliding.dataFormat)
      let ones = sliding.kernelSize.map { _ in 1 }
      let padding = try ConvolutionPadding.same.amounts(
        for: graph.shape(of: image), size: sliding.kernelSize, strides: ones, dilations: ones)
      return try graph.convolution(
        image, kernel: kernel, window: Window(sliding.kernelSize, padding: padding))
    }
    let (h, c) = try (context[input] + context[product]).lstm(
      c: context[graph.channelsLast(states[1], sliding.dataFormat)], activation, recurrentActivation)
    let output = try graph.restoringChannels(h, sliding.dataFormat)
    return (output, [output, try graph.restoringChannels(c, sliding.dataFormat)])
  }
}

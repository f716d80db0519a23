import KerasGraph

/// What ``LocallyConnected1D`` and ``LocallyConnected2D`` share: a convolution whose every position has weights of its
/// own.
///
/// - Input: `[batch, spatial…, channels]`, or with channels first `[batch, channels, spatial…]`; all lengths but the
///   batch's must be known.
/// - Output: `[batch, positions…, filters]`, in the input's order.
/// - Weights, in file order: `kernel` as the ``Implementation`` says, `bias [positions…, filters]`.
///
/// Keras 3 has no such layers; they are those of Keras 1 and 2.
public class LocallyConnectedLayer: SlidingWindowLayer, @unchecked Sendable {
  /// How the kernel is stored; the results are the same. Raw values are Keras'.
  public enum Implementation: Int, Hashable, Sendable, CaseIterable {
    /// `[positions, window · channels, filters]`; padding `valid` only.
    case patches = 1
    /// As of a dense layer, `[spatial…, channels, positions…, filters]` (with channels first, `[channels, spatial…,
    /// filters, positions…]`), of which all is ignored that is not near.
    case masked = 2
    /// Only the weights that are there, one after the other: sorted by output, then by input.
    case sparse = 3
  }

  @Setting("filters", .required) public fileprivate(set) var filters: Int
  @Setting("kernel") fileprivate var kernel: WeightSettings
  @Setting("implementation") public fileprivate(set) var implementation: Implementation
  private var connections: LocalConnections?

  /// There is no dilation, and none in files.
  public final override var config: JSONObject {
    var config = super.config
    config["dilation_rate"] = nil
    return config
  }

  public final override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let channels = try channels(of: inputs[0])
    let lengths = try knownLengths(dataFormat.spatialAxes(rank: sliding.rank + 2), of: inputs[0])
    try require(
      filters > 0 && channels > 0,
      "Expected positive sizes, found \(filters) filters and \(channels) channels.")
    try require(
      padding == .valid || padding == .same && implementation != .patches,
      "\(className) takes padding valid, and same with implementations 2 and 3, found \(padding) "
        + "with \(implementation.rawValue).")
    let connections = try LocalConnections(
      inputs: lengths, kernelSize: kernelSize, strides: strides, padding: padding)
    let isSmall = { (lengths: [Int]) in checkedElementCount(lengths).map { $0 < 1 << 31 } == true }
    guard isSmall(connections.inputs + [channels]), isSmall(connections.outputs + [filters]),
      let pairs = connections.pairCount,
      let kernelShape = kernelShape(connections, pairs: pairs, channels: channels),
      isSmall(kernelShape)
    else {
      throw KerasError(
        .invalidArgument, "\(className) with so many inputs, outputs and filters has 2^31 weights or more.")
    }
    addWeight("kernel", shape: kernelShape, kernel)
    if usesBias { addWeight("bias", shape: connections.outputs + [filters], sliding.bias) }
    self.connections = connections
  }

  private func kernelShape(_ connections: LocalConnections, pairs: Int, channels: Int) -> [Int]? {
    switch implementation {
    case .patches:
      guard let taps = checkedElementCount(kernelSize + [channels]) else { return nil }
      return [elementCountOf(connections.outputs), taps, filters]
    case .masked:
      return dataFormat == .channelsLast
        ? connections.inputs + [channels] + connections.outputs + [filters]
        : [channels] + connections.inputs + [filters] + connections.outputs
    case .sparse: return checkedElementCount([pairs, channels, filters]).map { [$0] }
    }
  }

  public final override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    guard let connections, let built = builtInputs.first ?? nil else {
      throw KerasError(.invalidArgument, "The layer is not built.")
    }
    let shape = graph.shape(of: input)
    try require(
      shape.rank == built.shape.rank && shape.dropFirst().elementsEqual(built.shape.dropFirst()),
      .shapeMismatch,
      "The layer was built for \(built.shape) and takes no other lengths, found \(shape).")
    let kernel = try context.value(of: weight("kernel"))
    let sums =
      switch implementation {
      case .patches: try sumOfPatches(input, kernel, connections, in: graph)
      case .masked: try maskedProduct(input, kernel, connections, in: graph)
      case .sparse: try sparseProduct(input, kernel, connections, in: graph)
      }
    var output = try graph.reshaped(sums, to: Shape([shape[0]] + outputLengths(connections)))
    if usesBias {
      // As Keras: the numbers stay in their order, also where the channels come first.
      let bias = try context.value(of: weight("bias"))
      output = try graph.add(output, graph.reshape(bias, to: outputLengths(connections)))
    }
    return try activation.apply(to: output, in: context)
  }

  /// Of an output, without the batch.
  private func outputLengths(_ connections: LocalConnections) -> [Int] {
    dataFormat == .channelsLast ? connections.outputs + [filters] : [filters] + connections.outputs
  }
}

extension LocallyConnectedLayer.Implementation: SettingValue {
  public static var settingCodec: SettingCodec<Self> {
    let numbers = Int.settingCodec.requiring("1, 2 or 3") { Self(rawValue: $0) != nil }
    return SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        try numbers.read(configuration, key, nil).flatMap(Self.init(rawValue:))
      },
      writing: { implementation, key, config in config[key] = .integer(implementation.rawValue) })
  }
}

/// A convolution with weights of its own for each position: ``LocallyConnected1D`` and ``LocallyConnected2D``.
public final class LocallyConnected<Size: SpatialSize>: LocallyConnectedLayer, @unchecked Sendable {
  public init(
    filters: Int, kernelSize: Size, strides: Size = 1, padding: ConvolutionPadding = .valid,
    dataFormat: DataFormat = .default, activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, implementation: Implementation = .patches, name: String? = nil
  ) {
    super.init(
      SlidingWindow(
        kernelSize: kernelSize.lengths, strides: strides.lengths, padding: padding, dataFormat: dataFormat,
        dilationRate: (1 as Size).lengths, activation: activation, usesBias: usesBias,
        bias: WeightSettings(biasInitializer, biasRegularizer, biasConstraint)),
      activityRegularizer: activityRegularizer, name: name)
    self.filters = filters
    self.implementation = implementation
    kernel = WeightSettings(kernelInitializer, kernelRegularizer, kernelConstraint)
  }

  package override class var ownName: String { "LocallyConnected\(Size.rank)D" }
}

/// A convolution over a sequence, `[batch, steps, channels]`, with weights of its own for each step.
///
/// ```swift
/// let x = LocallyConnected1D(filters: 8, kernelSize: 3)(sequence)
/// ```
public typealias LocallyConnected1D = LocallyConnected<Int>

/// A convolution over an image, `[batch, height, width, channels]`, with weights of its own for each position.
///
/// ```swift
/// let x = LocallyConnected2D(filters: 8, kernelSize: 3)(image)
/// ```
public typealias LocallyConnected2D = LocallyConnected<Size2D>

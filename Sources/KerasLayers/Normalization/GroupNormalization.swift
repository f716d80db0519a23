import KerasGraph

/// Group normalization: each sample's channels in groups, by the group's own mean and variance.
///
/// - Input: `[batch, …]` with channels along ``axis``. Output: the same.
/// - Weights, in file order: `gamma`, `beta` (where used), each `[channels]`.
///
/// One group is layer normalization over all but the batch; as many as channels is instance normalization.
/// Wu and He, "Group Normalization" (2018).
public final class GroupNormalization: Layer, @unchecked Sendable {
  /// −1 for one to a channel.
  @Setting("groups") public private(set) var groups: Int
  @Setting("axis") public private(set) var axis: Int
  @Setting("epsilon") public private(set) var epsilon: Double
  public let weightSettings: ScaleAndOffset

  public init(
    groups: Int = 32, axis: Int = -1, epsilon: Double = 1e-3, centers: Bool = true, scales: Bool = true,
    betaInitializer: any Initializer = .zeros, gammaInitializer: any Initializer = .ones,
    betaRegularizer: (any Regularizer)? = nil, gammaRegularizer: (any Regularizer)? = nil,
    betaConstraint: (any Constraint)? = nil, gammaConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    weightSettings = ScaleAndOffset(
      centers, scales, beta: .init(betaInitializer, betaRegularizer, betaConstraint),
      gamma: .init(gammaInitializer, gammaRegularizer, gammaConstraint))
    super.init(name: name)
    self.groups = groups
    self.axis = axis
    self.epsilon = epsilon
  }

  public override var supportsMasking: Bool { true }
  public override var castsInputs: Bool { false }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let channels = try knownLength(axis, of: inputs[0])
    guard try resolvedAxis(axis, rank: inputs[0].shape.rank) > 0 else {
      throw KerasError(.invalidArgument, "Channels are not along the batch's axis, found axis \(axis).")
    }
    try require(
      (groups > 0 || groups == -1) && channels % max(groups, 1) == 0 && groups <= channels,
      "Groups divide the channels, or -1 for one each; found \(groups) for \(channels).")
    weightSettings.addWeights(to: self, shape: [channels])
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let x = try graph.widened(input)
    let (shape, channels) = (graph.shape(of: x), try knownLength(axis, of: graph.spec(of: x)))
    let axis = try resolvedAxis(axis, rank: shape.rank)
    let count = groups == -1 ? channels : groups
    // The channels' axis becomes groups, and channels in one.
    var grouped = shape.dimensions
    grouped.replaceSubrange(axis...axis, with: [count, channels / count])
    let groups = try graph.reshaped(x, to: Shape(grouped))
    let axes = (1..<grouped.count).filter { $0 != axis }
    let result = try graph.reshaped(graph.standardize(groups, axes: axes, epsilon: epsilon), to: shape)
    let weightShape = Shape(shape.indices.map { $0 == axis ? channels : 1 })
    return try graph.cast(
      weightSettings.apply(to: result, of: self, shape: weightShape, in: context),
      to: dataTypePolicy.computeType)
  }
}

import KerasGraph

/// The largest of several dense layers, unit by unit: `output = max over pieces of (input · Wₚ + bₚ)`. Of Keras 1.
///
/// - Input: `[batch, features]`. Output: `[batch, units]`.
/// - Weights, in file order: `W [pieces, features, units]`, `b [pieces, units]`.
///
/// Goodfellow et al., "Maxout Networks" (2013).
public final class MaxoutDense: Layer, @unchecked Sendable {
  @Setting("units", .required) public private(set) var units: Int
  /// How many dense layers there are.
  @Setting("nb_feature") public private(set) var pieces: Int
  @Setting("use_bias") public private(set) var usesBias: Bool
  @Setting("kernel") private(set) var kernel: WeightSettings
  @Setting("bias") private(set) var bias: WeightSettings

  public init(
    units: Int, pieces: Int = 4, usesBias: Bool = true, kernelInitializer: any Initializer = .glorotUniform,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    super.init(name: name)
    self.units = units
    self.pieces = pieces
    self.usesBias = usesBias
    kernel = WeightSettings(kernelInitializer, kernelRegularizer, kernelConstraint)
    bias = WeightSettings(.zeros, biasRegularizer, biasConstraint)
    self.activityRegularizer = activityRegularizer
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try expectRank(2, inputs[0])
    try require(units > 0 && pieces > 0, "MaxoutDense needs units and pieces, found \(units) and \(pieces).")
    let features = try knownLength(-1, of: inputs[0])
    addWeight("W", shape: [pieces, features, units], kernel)
    if usesBias { addWeight("b", shape: [pieces, units], bias) }
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    var sums = try graph.einsum("bi,piu->bpu", input, context.value(of: weight("W")))
    if usesBias { sums = try graph.add(sums, context.value(of: weight("b"))) }
    return try graph.reduce(.maximum, sums, axes: [1])
  }
}

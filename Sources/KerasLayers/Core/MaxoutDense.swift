import KerasGraph

/// The largest of several dense layers, unit by unit: `output = max over pieces of (input · Wₚ + bₚ)`. Of Keras 1.
///
/// - Input: `[batch, features]`. Output: `[batch, units]`.
/// - Weights, in file order: `W [pieces, features, units]`, `b [pieces, units]`.
///
/// Goodfellow et al., "Maxout Networks" (2013).
public final class MaxoutDense: Layer, @unchecked Sendable {
  public let units: Int
  /// How many dense layers there are.
  public let pieces: Int
  public let usesBias: Bool
  let kernel: WeightSettings
  let bias: WeightSettings

  public init(
    units: Int, pieces: Int = 4, usesBias: Bool = true, kernelInitializer: any Initializer = .glorotUniform,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, name: String? = nil
  ) {
    self.units = units
    self.pieces = pieces
    self.usesBias = usesBias
    kernel = WeightSettings(kernelInitializer, regularizer: kernelRegularizer, constraint: kernelConstraint)
    bias = WeightSettings(.zeros, regularizer: biasRegularizer, constraint: biasConstraint)
    super.init(name: name)
    self.activityRegularizer = activityRegularizer
  }

  public init(_ settings: Configuration) throws(KerasError) {
    settings.ignore("input_dim", "bias_initializer")
    units = try settings.requiredInteger("units")
    pieces = try settings.integer("nb_feature", default: 4)
    usesBias = try settings.boolean("use_bias", default: true)
    kernel = try WeightSettings("kernel", settings, default: .glorotUniform)
    bias = try WeightSettings("bias", settings, default: .zeros)
    super.init(name: settings.name)
  }

  public override var config: JSONObject {
    var config: JSONObject = [
      "units": .integer(units), "nb_feature": .integer(pieces), "use_bias": .bool(usesBias),
    ]
    kernel.write("kernel", to: &config)
    bias.write("bias", to: &config)
    return config
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try expectRank(2, inputs[0])
    guard units > 0, pieces > 0 else {
      throw KerasError(
        .invalidArgument, "MaxoutDense needs units and pieces, found \(units) and \(pieces).")
    }
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

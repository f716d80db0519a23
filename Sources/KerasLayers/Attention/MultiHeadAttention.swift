import KerasGraph

/// Attention by several heads, each with projections of its own.
///
/// - Inputs: query `[batch, queries, features]`, value `[batch, values, features]`, perhaps a key; more axes between
///   batch and features where ``attentionAxes`` says which of them attend.
/// - Output: as the query, with ``outputShape`` in place of its features where that is given.
/// - Weights, in file order: kernel and bias of `query`, `key`, (`gate`,) `value`, each `[features, heads, size]` and
///   `[heads, size]`, and of `attention_output` `[heads, size, features]` and `[features]`.
///
/// ```swift
/// let attended = MultiHeadAttention(heads: 8, keySize: 64)(query: x, value: x, usesCausalMask: true)
/// ```
///
/// Vaswani et al., "Attention Is All You Need" (2017), section 3.2.2.
public final class MultiHeadAttention: ProjectedAttention, @unchecked Sendable {
  public let heads: Int
  /// The size of one head's queries and keys.
  public let keySize: Int
  public let valueSize: Int
  /// In place of the query's features; nil for as many as those.
  public let outputShape: [Int]?
  /// The axes that attend, as in the query; nil for all between batch and features.
  public let attentionAxes: [Int]?
  /// Keras 3 takes the masks off the tensors a call gets, so that layers called on them later see none.
  private var isOfKeras3 = true

  /// - Parameter valueSize: of one head; nil for the keys' size.
  public convenience init(
    heads: Int, keySize: Int, valueSize: Int? = nil, dropout: Double = 0, usesBias: Bool = true,
    outputShape: [Int]? = nil, attentionAxes: [Int]? = nil, slidingWindow: Int? = nil,
    usesFlashAttention: Bool = false, kernelInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    usesGate: Bool = false, seed: Int? = nil, name: String? = nil
  ) {
    self.init(
      heads: heads, keySize: keySize, valueSize: valueSize ?? keySize, dropout: dropout, usesGate: usesGate,
      outputShape: outputShape, attentionAxes: attentionAxes, slidingWindow: slidingWindow,
      usesFlashAttention: usesFlashAttention, seed: seed,
      projections: ProjectionSettings(
        usesBias: usesBias, kernelInitializer: kernelInitializer, biasInitializer: biasInitializer,
        kernelRegularizer: kernelRegularizer, biasRegularizer: biasRegularizer,
        activityRegularizer: activityRegularizer, kernelConstraint: kernelConstraint,
        biasConstraint: biasConstraint), name: name)
  }

  private init(
    heads: Int, keySize: Int, valueSize: Int, dropout: Double, usesGate: Bool, outputShape: [Int]?,
    attentionAxes: [Int]?, slidingWindow: Int?, usesFlashAttention: Bool, seed: Int?,
    projections: ProjectionSettings, name: String?
  ) {
    self.heads = heads
    self.keySize = keySize
    self.valueSize = valueSize
    self.outputShape = outputShape?.isEmpty == true ? nil : outputShape
    self.attentionAxes = attentionAxes
    super.init(
      dropout: dropout, usesGate: usesGate, slidingWindow: slidingWindow,
      usesFlashAttention: usesFlashAttention, seed: seed, projections: projections, name: name)
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    // TF-Keras notes the shapes it was built for.
    settings.ignore("query_shape", "key_shape", "value_shape", "softmax_robust_masking")
    let keySize = try settings.requiredInteger("key_dim")
    self.init(
      heads: try settings.requiredInteger("num_heads"), keySize: keySize,
      valueSize: try settings.integer("value_dim", default: keySize),
      dropout: try settings.number("dropout", default: 0),
      usesGate: try settings.boolean("use_gate", default: false),
      outputShape: try settings.integers("output_shape"),
      attentionAxes: try settings.integers("attention_axes"),
      slidingWindow: try settings.integer("sliding_window"),
      usesFlashAttention: try settings.boolean("flash_attention", default: false),
      seed: try settings.integer("seed"), projections: try ProjectionSettings(settings), name: settings.name)
    isOfKeras3 = settings.version == .keras3
  }

  public override var config: JSONObject {
    let own: JSONObject = [
      "num_heads": .integer(heads), "key_dim": .integer(keySize), "value_dim": .integer(valueSize),
      "dropout": .number(dropout), "use_gate": .bool(usesGate),
      "output_shape": JSON(outputShape),
      "attention_axes": JSON(attentionAxes), "sliding_window": JSON(slidingWindow),
      "seed": JSON(seed),
    ]
    return own.merging(projections.config)
  }

  /// The penalty is for what the projections give, not for the layer's own output.
  public override var activityRegularizer: (any Regularizer)? {
    get { nil }
    set {}
  }

  override func addProjections(query: TensorSpec, value: TensorSpec, key: TensorSpec) throws(KerasError) {
    guard heads > 0, keySize > 0, valueSize > 0 else {
      throw KerasError(
        .invalidArgument,
        "MultiHeadAttention takes positive sizes, found \(heads) heads, keys of \(keySize) and values of \(valueSize)."
      )
    }
    let (queryRank, valueRank) = (query.shape.rank, value.shape.rank)
    func head(_ name: String, _ rank: Int, _ size: Int, _ activation: ActivationFunction = .linear)
      throws(KerasError) -> EinsumDense
    {
      try projections.makeDense(
        rank: rank, bound: 1, outputs: [heads, size], activation: activation, name: name)
    }
    try add("query_dense", head("query", queryRank, keySize), for: query)
    try add("key_dense", head("key", key.shape.rank, keySize), for: key)
    if usesGate { try add("_gate_dense", head("gate", queryRank, valueSize, .sigmoid), for: query) }
    try add("value_dense", head("value", valueRank, valueSize), for: value)
    let count = try steps(ofProjected: valueRank + 1).count
    addInnerLayers(softmaxAxes: .several((0..<count).map { $0 - count }))
    let features: [Int]
    if let outputShape { features = outputShape } else { features = [try knownLength(-1, of: query)] }
    let attended = TensorSpec(
      Shape(query.shape.dimensions.dropLast() + [heads, valueSize]), query.dataType)
    try add(
      "output_dense",
      projections.makeDense(rank: queryRank + 1, bound: 2, outputs: features, name: "attention_output"),
      for: attended)
  }

  override func steps(ofProjected rank: Int) throws(KerasError) -> [Int] {
    guard let attentionAxes else { return Array(1..<(rank - 2)) }
    // Counted in the tensors before projection, which adds the axis of heads.
    let steps = attentionAxes.map { $0 < 0 ? $0 + rank - 1 : $0 }
    guard Set(steps).count == steps.count, !steps.isEmpty, steps.allSatisfy((1..<(rank - 2)).contains) else {
      throw KerasError(
        .invalidArgument, "Axes that attend stand between batch and features, found \(attentionAxes).")
    }
    return steps
  }

  override var headSize: Int { keySize }
  override var takesQueryMaskByName: Bool { false }
  override var takesMasksOff: Bool { isOfKeras3 }
}

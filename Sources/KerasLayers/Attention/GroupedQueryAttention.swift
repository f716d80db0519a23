import KerasGraph

/// Attention by several heads whose queries share fewer keys and values.
///
/// - Inputs: query `[batch, queries, features]`, value `[batch, values, features]`, perhaps a key.
/// - Output: as the query.
/// - Weights, in file order: kernel and bias of `query` `[features, query heads, size]`, `key` and `value`
///   `[features, key-value heads, size]` (between them `gate`, as the query's), and of `attention_output`
///   `[query heads, size, features]`.
///
/// Files call it `GroupQueryAttention`. Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models from
/// Multi-Head Checkpoints" (2023).
public final class GroupedQueryAttention: ProjectedAttention, @unchecked Sendable {
  public let headDimension: Int
  public let queryHeads: Int
  /// Divides the number of query heads.
  public let keyValueHeads: Int

  public convenience init(
    headDimension: Int, queryHeads: Int, keyValueHeads: Int, dropout: Double = 0, usesBias: Bool = true,
    slidingWindow: Int? = nil, usesFlashAttention: Bool = false,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, usesGate: Bool = false, seed: Int? = nil, name: String? = nil
  ) {
    self.init(
      headDimension: headDimension, queryHeads: queryHeads, keyValueHeads: keyValueHeads, dropout: dropout,
      usesGate: usesGate, slidingWindow: slidingWindow, usesFlashAttention: usesFlashAttention, seed: seed,
      projections: ProjectionSettings(
        usesBias: usesBias, kernelInitializer: kernelInitializer, biasInitializer: biasInitializer,
        kernelRegularizer: kernelRegularizer, biasRegularizer: biasRegularizer,
        activityRegularizer: activityRegularizer, kernelConstraint: kernelConstraint,
        biasConstraint: biasConstraint), name: name)
  }

  private init(
    headDimension: Int, queryHeads: Int, keyValueHeads: Int, dropout: Double, usesGate: Bool,
    slidingWindow: Int?, usesFlashAttention: Bool, seed: Int?, projections: ProjectionSettings, name: String?
  ) {
    self.headDimension = headDimension
    self.queryHeads = queryHeads
    self.keyValueHeads = keyValueHeads
    super.init(
      dropout: dropout, usesGate: usesGate, slidingWindow: slidingWindow,
      usesFlashAttention: usesFlashAttention, seed: seed, projections: projections, name: name)
    activityRegularizer = projections.activityRegularizer
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    self.init(
      headDimension: try settings.requiredInteger("head_dim"),
      queryHeads: try settings.requiredInteger("num_query_heads"),
      keyValueHeads: try settings.requiredInteger("num_key_value_heads"),
      dropout: try settings.number("dropout", default: 0),
      usesGate: try settings.boolean("use_gate", default: false),
      slidingWindow: try settings.integer("sliding_window"),
      usesFlashAttention: try settings.boolean("flash_attention", default: false),
      seed: try settings.integer("seed"), projections: try ProjectionSettings(settings), name: settings.name)
  }

  public override var className: String { "GroupQueryAttention" }

  public override var config: JSONObject {
    let own: JSONObject = [
      "head_dim": .integer(headDimension), "num_query_heads": .integer(queryHeads),
      "num_key_value_heads": .integer(keyValueHeads), "use_gate": .bool(usesGate),
      "sliding_window": JSON(slidingWindow), "dropout": .number(dropout), "seed": JSON(seed),
    ]
    return own.merging(projections.config)
  }

  override func addProjections(query: TensorSpec, value: TensorSpec, key: TensorSpec) throws(KerasError) {
    guard headDimension > 0, keyValueHeads > 0, queryHeads > 0, queryHeads % keyValueHeads == 0 else {
      throw KerasError(
        .invalidArgument,
        "Heads of keys and values divide those of queries, found \(keyValueHeads) and \(queryHeads) of size \(headDimension)."
      )
    }
    for spec in [query, value, key] { try expectRank(3, spec) }
    func head(_ name: String, _ heads: Int, _ activation: ActivationFunction = .linear)
      throws(KerasError) -> EinsumDense
    {
      try projections.makeDense(
        rank: 3, bound: 1, outputs: [heads, headDimension], activation: activation, name: name)
    }
    try add("_query_dense", head("query", queryHeads), for: query)
    try add("_key_dense", head("key", keyValueHeads), for: key)
    if usesGate { try add("_gate_dense", head("gate", queryHeads, .sigmoid), for: query) }
    try add("_value_dense", head("value", keyValueHeads), for: value)
    addInnerLayers(softmaxAxes: -1)
    let attended = TensorSpec([query.shape[0], query.shape[1], queryHeads, headDimension], query.dataType)
    let features = try knownLength(-1, of: query)
    try add(
      "_output_dense",
      projections.makeDense(rank: 4, bound: 2, outputs: [features], name: "attention_output"), for: attended)
  }

  override var headSize: Int { headDimension }

  override func repeated(_ projected: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    try graph.repeatElements(projected, queryHeads / keyValueHeads, axis: 2)
  }
}

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
  @Setting("head_dim", .required) public private(set) var headDimension: Int
  @Setting("num_query_heads", .required) public private(set) var queryHeads: Int
  /// Divides the number of query heads.
  @Setting("num_key_value_heads", .required) public private(set) var keyValueHeads: Int

  public init(
    headDimension: Int, queryHeads: Int, keyValueHeads: Int, dropout: Double = 0, usesBias: Bool = true,
    slidingWindow: Int? = nil, usesFlashAttention: Bool = false,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, usesGate: Bool = false, seed: Int? = nil, name: String? = nil
  ) {
    super.init(
      dropout: dropout, usesGate: usesGate, slidingWindow: slidingWindow,
      usesFlashAttention: usesFlashAttention, seed: seed,
      projections: ProjectionSettings(
        usesBias: usesBias, kernel: .init(kernelInitializer, kernelRegularizer, kernelConstraint),
        bias: .init(biasInitializer, biasRegularizer, biasConstraint),
        activityRegularizer: activityRegularizer),
      name: name)
    self.headDimension = headDimension
    self.queryHeads = queryHeads
    self.keyValueHeads = keyValueHeads
    self.activityRegularizer = activityRegularizer
  }

  public override var className: String { "GroupQueryAttention" }

  override func addProjections(
    query: TensorSpec, value: TensorSpec, key: TensorSpec
  ) throws(KerasError) -> AttentionHeads {
    try require(
      headDimension > 0 && keyValueHeads > 0 && queryHeads > 0 && queryHeads % keyValueHeads == 0,
      "Heads of keys and values divide those of queries, found \(keyValueHeads) and \(queryHeads) of size \(headDimension)."
    )
    for spec in [query, value, key] { try expectRank(3, spec) }
    try addHeads("_query_dense", "query", [queryHeads, headDimension], for: query)
    try addHeads("_key_dense", "key", [keyValueHeads, headDimension], for: key)
    if usesGate { try addHeads("_gate_dense", "gate", [queryHeads, headDimension], .sigmoid, for: query) }
    try addHeads("_value_dense", "value", [keyValueHeads, headDimension], for: value)
    addInnerLayers(softmaxAxes: -1)
    let attended = TensorSpec([query.shape[0], query.shape[1], queryHeads, headDimension], query.dataType)
    let features = try knownLength(-1, of: query)
    try add(
      "_output_dense",
      projections.makeDense(rank: 4, bound: 2, outputs: [features], name: "attention_output"), for: attended)
    return AttentionHeads(size: headDimension, sharing: queryHeads / keyValueHeads, axes: [1])
  }
}

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
  @Setting("num_heads", .required) public private(set) var heads: Int
  /// The size of one head's queries and keys.
  @Setting("key_dim", .required) public private(set) var keySize: Int
  @Setting("value_dim") public private(set) var valueSize: Int
  /// In place of the query's features; nil for as many as those.
  @Setting("output_shape") public private(set) var outputShape: [Int]?
  /// The axes that attend, as in the query; nil for all between batch and features.
  @Setting("attention_axes") public private(set) var attentionAxes: [Int]?
  private var takesMasks = true

  /// - Parameter valueSize: of one head; nil for the keys' size.
  public init(
    heads: Int, keySize: Int, valueSize: Int? = nil, dropout: Double = 0, usesBias: Bool = true,
    outputShape: [Int]? = nil, attentionAxes: [Int]? = nil, slidingWindow: Int? = nil,
    usesFlashAttention: Bool = false, kernelInitializer: any Initializer = .glorotUniform,
    biasInitializer: any Initializer = .zeros, kernelRegularizer: (any Regularizer)? = nil,
    biasRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    kernelConstraint: (any Constraint)? = nil, biasConstraint: (any Constraint)? = nil,
    usesGate: Bool = false, seed: Int? = nil, name: String? = nil
  ) {
    super.init(
      dropout: dropout, usesGate: usesGate, slidingWindow: slidingWindow,
      usesFlashAttention: usesFlashAttention, seed: seed,
      projections: ProjectionSettings(
        usesBias: usesBias, kernel: .init(kernelInitializer, kernelRegularizer, kernelConstraint),
        bias: .init(biasInitializer, biasRegularizer, biasConstraint),
        activityRegularizer: activityRegularizer),
      name: name)
    self.heads = heads
    self.keySize = keySize
    self.valueSize = valueSize ?? keySize
    self.outputShape = outputShape?.isEmpty == true ? nil : outputShape
    self.attentionAxes = attentionAxes
  }

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    if configuration.value("value_dim") == nil { valueSize = keySize }
    if outputShape?.isEmpty == true { outputShape = nil }
    takesMasks = configuration.version.takesMasksOff
  }

  /// The penalty is for what the projections give, not for the layer's own output.
  public override var activityRegularizer: (any Regularizer)? {
    get { nil }
    set {}
  }

  override func addProjections(
    query: TensorSpec, value: TensorSpec, key: TensorSpec
  ) throws(KerasError) -> AttentionHeads {
    try require(
      heads > 0 && keySize > 0 && valueSize > 0,
      "MultiHeadAttention takes positive sizes, found \(heads) heads, keys of \(keySize) and values of \(valueSize)."
    )
    let layout = AttentionHeads(size: keySize, axes: attentionAxes)
    let (queryRank, valueRank) = (query.shape.rank, value.shape.rank)
    try addHeads("query_dense", "query", [heads, keySize], for: query)
    try addHeads("key_dense", "key", [heads, keySize], for: key)
    if usesGate { try addHeads("_gate_dense", "gate", [heads, valueSize], .sigmoid, for: query) }
    try addHeads("value_dense", "value", [heads, valueSize], for: value)
    let count = try layout.steps(ofProjected: valueRank + 1).count
    addInnerLayers(softmaxAxes: .several((0..<count).map { $0 - count }))
    let features: [Int]
    if let outputShape { features = outputShape } else { features = [try knownLength(-1, of: query)] }
    let attended = TensorSpec(Shape(query.shape.dimensions.dropLast() + [heads, valueSize]), query.dataType)
    try add(
      "output_dense",
      projections.makeDense(rank: queryRank + 1, bound: 2, outputs: features, name: "attention_output"),
      for: attended)
    return layout
  }

  override var takesQueryMaskByName: Bool { false }
  override var takesMasksOff: Bool { takesMasks }
}

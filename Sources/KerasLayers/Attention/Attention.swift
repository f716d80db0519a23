import KerasGraph

/// Luong's attention: a mean of values, weighted by how well each value's key fits the query.
///
/// - Inputs: query `[batch, queries, size]`, value `[batch, values, features]` and perhaps key
///   `[batch, values, size]`, which otherwise is the value.
/// - Output: `[batch, queries, features]`; with scores also the weights `[batch, queries, values]`.
/// - Weights: `scale []` where used, `concat_score_weight []` for the score mode `concat`.
///
/// Masks of the value keep its masked steps out; masked queries give zeros.
///
/// Luong, Pham and Manning, "Effective Approaches to Attention-based Neural Machine Translation" (2015), section 3.1.
///
/// ```swift
/// let context = Attention(usesScale: true)(query: decoder, value: encoder)
/// ```
public class Attention: Layer, @unchecked Sendable {
  /// How a query and a key make a score.
  public enum ScoreMode: String, SettingValue, Hashable, CaseIterable {
    /// Their dot product.
    case dot
    /// The sum of the hyperbolic tangents of the sum of both.
    case concat
  }

  /// Whether scores are scaled by a learned number.
  @Setting("use_scale") public private(set) var usesScale: Bool
  @Setting("score_mode") public private(set) var scoreMode: ScoreMode
  /// The share of weights that training drops.
  @Setting("dropout") public private(set) var dropout: Double
  @Setting("seed") public private(set) var seed: Int?

  public init(
    usesScale: Bool = false, scoreMode: ScoreMode = .dot, dropout: Double = 0, seed: Int? = nil,
    name: String? = nil
  ) {
    super.init(name: name)
    self.usesScale = usesScale
    self.scoreMode = scoreMode
    self.dropout = dropout
    self.seed = seed
  }

  public override var supportsMasking: Bool { true }
  public override var callParameters: [String] { ["inputs", "mask"] }
  public override var listParameters: [String] { ["inputs", "mask"] }

  public override func build(for inputs: [TensorSpec], arguments: CallArguments) throws(KerasError) {
    try checkRate(dropout)
    let count = arguments.names.isEmpty ? inputs.count : arguments.names.filter { $0 == "inputs" }.count
    try require(
      (2...3).contains(count),
      "\(className) takes a query, a value and perhaps a key, found \(count) tensors.")
    for input in inputs.prefix(count) where input.shape.rank < 2 {
      throw KerasError(.shapeMismatch, "\(className) takes rows of vectors, found \(input).")
    }
    try addScoreWeights(for: inputs)
  }

  func addScoreWeights(for inputs: [TensorSpec]) throws(KerasError) {
    if usesScale { addWeight("scale", shape: [], initializer: .ones) }
    if scoreMode == .concat { addWeight("concat_score_weight", shape: [], initializer: .ones) }
  }

  /// How well each key fits each query, `[batch, queries, values]`.
  func scores(_ query: Value, _ key: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let pairs = try graph[
      scoreMode == .dot ? graph.products(ofRows: query, key) : graph.pairwiseSums(query, key)]
    let scaled = usesScale ? try pairs * context[weight("scale")] : pairs
    if scoreMode == .dot { return try scaled.value }
    return try (context[weight("concat_score_weight")] * scaled.applying(.tanh).sum(axes: [-1])).value
  }

  public override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    let graph = context.graph
    let isNamed = !context.arguments.names.isEmpty
    let tensors = isNamed ? context.inputs(named: "inputs") : inputs
    let masks = try masks(in: context)
    try require(
      tensors.count >= 2,
      "\(className) takes a query, a value and perhaps a key, found \(tensors.count) tensors.")
    var scores = try scores(tensors[0], tensors.count > 2 ? tensors[2] : tensors[1], in: context)
    let isCausal = context.options["use_causal_mask"]?.bool ?? false
    if let mask = try scoreMask(scores, value: masks.value, isCausal: isCausal, in: graph) {
      let lowest = graph.spec(of: scores).dataType == .float16 ? -65504 : -1e9
      scores = try graph[scores].kept(where: graph[mask], else: graph[scores] + lowest).value
    }
    let weights = try context.dropping(dropout, of: graph.softmax(scores), seed: seed)
    var output = try graph.matrixProduct(weights, tensors[1])
    if let mask = masks.query {
      output = try graph[output].kept(where: graph[graph.expandDimensions(mask, axis: -1)], else: 0).value
    }
    let returnsScores = context.options["return_attention_scores"]?.bool ?? false
    context.setOutputMasks(returnsScores ? [masks.query, nil] : [masks.query])
    return returnsScores ? [output, weights] : [output]
  }

  /// The given masks, or those of the tensors.
  private func masks(in context: CallContext) throws -> (query: Value?, value: Value?) {
    let given = context.elements(of: "mask")
    guard !given.isEmpty else { return (context.mask(0), context.mask(1)) }
    let masks = try given.map { try $0.map(context.graph.truth(of:)) } + [nil, nil]
    return (masks[0], masks[1])
  }

  /// What each query may see.
  private func scoreMask(
    _ scores: Value, value: Value?, isCausal: Bool, in graph: GraphBuilder
  ) throws -> Value? {
    let shape = graph.shape(of: scores)
    let seen = try value.map { graph.shape(of: $0).rank == 2 ? try graph.expandDimensions($0, axis: -2) : $0 }
    guard isCausal, shape.rank >= 2 else { return seen }
    let past = try graph.expandDimensions(
      graph.lowerTriangle(rows: shape[shape.rank - 2], columns: shape[shape.rank - 1]), axis: 0)
    return try seen.map { try graph.binary(.logicalAnd, $0, past) } ?? past
  }

  // MARK: Calling

  /// - Parameters:
  ///   - key: nil for the value.
  ///   - usesCausalMask: whether a query sees only values up to its own position.
  public final func callAsFunction(
    query: SymbolicTensor, value: SymbolicTensor, key: SymbolicTensor? = nil, usesCausalMask: Bool = false
  ) -> SymbolicTensor {
    outputs(query, value, key, usesCausalMask ? ["use_causal_mask": true] : [:])[0]
  }

  /// The same, and the weight of each value for each query.
  public final func withScores(
    query: SymbolicTensor, value: SymbolicTensor, key: SymbolicTensor? = nil, usesCausalMask: Bool = false
  ) -> (output: SymbolicTensor, scores: SymbolicTensor) {
    var options: JSONObject = ["return_attention_scores": true]
    if usesCausalMask { options["use_causal_mask"] = true }
    let outputs = outputs(query, value, key, options)
    return (outputs[0], outputs.last ?? outputs[0])
  }

  private func outputs(
    _ query: SymbolicTensor, _ value: SymbolicTensor, _ key: SymbolicTensor?, _ options: JSONObject
  ) -> [SymbolicTensor] {
    apply(to: [query, value, key].compactMap { $0 }, arguments: CallArguments(options: options))
  }
}

/// Bahdanau's attention: scores are `Σ scale · tanh(query + key)`.
///
/// - Inputs and output: as ``Attention``'s.
/// - Weights: `scale [size]`, where used.
///
/// Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate" (2015),
/// section A.1.2.
public final class AdditiveAttention: Attention, @unchecked Sendable {
  public init(usesScale: Bool = true, dropout: Double = 0, seed: Int? = nil, name: String? = nil) {
    super.init(usesScale: usesScale, scoreMode: .concat, dropout: dropout, seed: seed, name: name)
  }

  public override var config: JSONObject {
    var config = super.config
    config["score_mode"] = nil
    return config
  }

  override func addScoreWeights(for inputs: [TensorSpec]) throws(KerasError) {
    guard usesScale, let query = inputs.first else { return }
    addWeight("scale", shape: [try knownLength(-1, of: query)], initializer: .glorotUniform)
  }

  override func scores(_ query: Value, _ key: Value, in context: CallContext) throws(KerasError) -> Value {
    let sums = try context[context.graph.pairwiseSums(query, key)].applying(.tanh)
    return try (usesScale ? context[weight("scale")] * sums : sums).sum(axes: [-1]).value
  }
}

extension GraphBuilder {
  /// The dot product of each row of `a` with each of `b`.
  fileprivate func products(ofRows a: Value, _ b: Value) throws(KerasError) -> Value {
    guard shape(of: a).dropLast(2).elementsEqual(shape(of: b).dropLast(2)), shape(of: a).rank >= 2 else {
      return try matrixProduct(a, swapAxes(b, -2, -1))
    }
    return try matrixMultiply(a, b, transposesSecond: true)
  }

  /// The sum of each row of `a` with each of `b`, `[…, rows of a, rows of b, size]`.
  fileprivate func pairwiseSums(_ a: Value, _ b: Value) throws(KerasError) -> Value {
    try add(expandDimensions(a, axis: -2), expandDimensions(b, axis: -3))
  }
}

import KerasGraph

/// What ``MultiHeadAttention`` and ``GroupedQueryAttention`` have in common: queries, keys and values are projected to
/// several heads, each of which attends by itself, and their results are projected back.
///
/// The tensors of a call are named `query`, `value`, `key`, `query_mask`, `value_mask`, `key_mask` and
/// `attention_mask`; without names they come in that order.
///
/// Vaswani et al., "Attention Is All You Need" (2017), section 3.2.
public class ProjectedAttention: Layer, @unchecked Sendable {
  /// The share of weights that training drops.
  @Setting("dropout") public private(set) var dropout: Double
  /// Whether results are multiplied with a sigmoid of the query's projection.
  @Setting("use_gate") public private(set) var usesGate: Bool
  /// How near a value must stand to be seen: less than this many steps away; nil for any.
  @Setting("sliding_window") public private(set) var slidingWindow: Int?
  /// A way of computing on other hardware, which Keras does not store; here it changes nothing.
  @Setting("flash_attention", Bool.settingCodec.omitting { _ in true })
  public private(set) var usesFlashAttention: Bool
  @Setting("seed") public private(set) var seed: Int?
  let projections: ProjectionSettings
  /// Known once built.
  private var heads: AttentionHeads?

  init(
    dropout: Double, usesGate: Bool, slidingWindow: Int?, usesFlashAttention: Bool, seed: Int?,
    projections: ProjectionSettings, name: String?
  ) {
    self.projections = projections
    super.init(name: name)
    self.dropout = dropout
    self.usesGate = usesGate
    self.slidingWindow = slidingWindow
    self.usesFlashAttention = usesFlashAttention
    self.seed = seed
  }

  public override var supportsMasking: Bool { true }
  public override var callParameters: [String] {
    ["query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask"]
  }

  // MARK: For the two layers

  /// Makes the projections for tensors of these specs, and says how its heads attend.
  func addProjections(
    query: TensorSpec, value: TensorSpec, key: TensorSpec
  ) throws(KerasError) -> AttentionHeads {
    throw KerasError(.unsupported, "\(className) does not say what its projections are.")
  }

  /// Whether a mask given by name counts for the query; MultiHeadAttention of Keras 3 takes only the tensor's own.
  var takesQueryMaskByName: Bool { true }

  /// Whether a call takes the masks off query, value and key, for all that reads these tensors later.
  var takesMasksOff: Bool { false }

  /// Adds a projection as a child and makes its weights.
  func add(_ attribute: String, _ dense: EinsumDense, for input: TensorSpec) throws(KerasError) {
    dense.dataTypePolicy = dataTypePolicy
    addChild(attribute, dense)
    try buildChild(dense, for: [input])
  }

  /// Adds the projection of vectors to heads.
  final func addHeads(
    _ attribute: String, _ name: String, _ outputs: [Int], _ activation: ActivationFunction = .linear,
    for input: TensorSpec
  ) throws(KerasError) {
    let dense = try projections.makeDense(
      rank: input.shape.rank, bound: 1, outputs: outputs, activation: activation, name: name)
    try add(attribute, dense, for: input)
  }

  final func child(_ name: String) throws(KerasError) -> Layer {
    guard let child = children.first(where: { $0.layer.name == name })?.layer else {
      throw KerasError(.unknownName, "The layer has no projection called `\(name)`.", path: [self.name])
    }
    return child
  }

  // MARK: Building

  public final override func build(for inputs: [TensorSpec], arguments: CallArguments) throws(KerasError) {
    try checkRate(dropout)
    try require(
      slidingWindow ?? 1 > 0, "A sliding window has at least one step, found \(slidingWindow ?? 0).")
    try require(
      !usesFlashAttention || dropout == 0, "Flash attention cannot drop weights, found dropout \(dropout).")
    let names = tensorNames(arguments, count: inputs.count)
    guard let query = names.firstIndex(of: "query"), let value = names.firstIndex(of: "value"),
      names.count == inputs.count
    else {
      throw KerasError(
        .invalidArgument, "\(className) takes a query and a value, found \(names.joined(separator: ", ")).")
    }
    let key = names.firstIndex(of: "key") ?? value
    for position in [query, value, key] where inputs[position].shape.rank < 3 {
      throw KerasError(
        .shapeMismatch, "\(className) takes `[batch, steps, features]`, found \(inputs[position]).")
    }
    try require(
      inputs[value].shape.dropFirst().dropLast().elementsEqual(inputs[key].shape.dropFirst().dropLast()),
      .shapeMismatch,
      "Value and key have the same steps, found \(inputs[value]) and \(inputs[key]).")
    heads = try addProjections(query: inputs[query], value: inputs[value], key: inputs[key])
  }

  /// The parameter each tensor is for.
  private func tensorNames(_ arguments: CallArguments, count: Int) -> [String] {
    arguments.names.isEmpty ? Array(callParameters.prefix(count)) : arguments.names
  }

  // MARK: Calling

  public final override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    let (graph, names) = (context.graph, tensorNames(context.arguments, count: inputs.count))
    func tensor(_ name: String) -> Value? { names.firstIndex(of: name).map { inputs[$0] } }
    func mask(_ name: String) throws(KerasError) -> Value? {
      if let given = tensor("\(name)_mask") { return try graph.cast(given, to: .bool) }
      return names.firstIndex(of: name).flatMap { context.mask($0) }
    }
    guard let heads, let query = tensor("query"), let value = tensor("value") else {
      throw KerasError(.invalidArgument, "\(className) takes a query and a value.")
    }
    let key = tensor("key") ?? value
    let ownMask = names.firstIndex(of: "query").flatMap { context.mask($0) }
    let seen = try attentionMask(
      query, value, queryMask: takesQueryMaskByName ? mask("query") : ownMask, valueMask: mask("value"),
      keyMask: tensor("key") == nil ? nil : mask("key"),
      given: tensor("attention_mask").map { try graph.cast($0, to: .bool) },
      isCausal: context.options["use_causal_mask"]?.bool ?? false, in: graph)
    func projected(_ x: Value, by name: String) throws(KerasError) -> Value {
      try context.apply(child(name), to: x)
    }
    if takesMasksOff { context.takeMasksOff([query, value, key]) }
    let gate = usesGate ? try projected(query, by: "gate") : nil
    let returnsScores = context.options["return_attention_scores"]?.bool ?? false
    let attended = try attend(
      heads, projected(query, by: "query"), heads.repeated(projected(key, by: "key"), in: graph),
      heads.repeated(projected(value, by: "value"), in: graph), mask: seen, returnsScores: returnsScores,
      in: context)
    let gated = try gate.map { try graph.multiply(attended.output, $0) } ?? attended.output
    let output = try projected(gated, by: "attention_output")
    context.setOutputMasks(returnsScores ? [ownMask, attended.mask] : [ownMask])
    return returnsScores ? [output, attended.scores] : [output]
  }

  /// What each query may see, `[batch, queries, values]`; nil for everything.
  private func attentionMask(
    _ query: Value, _ value: Value, queryMask: Value?, valueMask: Value?, keyMask: Value?, given: Value?,
    isCausal: Bool, in graph: GraphBuilder
  ) throws(KerasError) -> Value? {
    var masks: [Value] = []
    if let queryMask { masks.append(try graph.expandDimensions(queryMask, axis: -1)) }
    for mask in [valueMask, keyMask] {
      if let mask { masks.append(try graph.expandDimensions(mask, axis: -2)) }
    }
    let (rows, columns) = (graph.shape(of: query)[1], graph.shape(of: value)[1])
    if isCausal {
      masks.append(try graph.expandDimensions(graph.lowerTriangle(rows: rows, columns: columns), axis: 0))
    }
    if let slidingWindow {
      let before = try graph.lowerTriangle(rows: rows, columns: columns, offset: slidingWindow - 1)
      let tooFar = try graph.lowerTriangle(rows: rows, columns: columns, offset: -slidingWindow)
      let near = try graph.binary(.logicalAnd, before, graph.logicalNot(tooFar))
      masks.append(try graph.expandDimensions(near, axis: 0))
    }
    if let given { masks.append(given) }
    guard let first = masks.first else { return nil }
    return try masks.dropFirst().reduce(graph[first]) { $0.combined(.logicalAnd, with: graph[$1]) }.value
  }

  /// Scaled dot-product attention of all heads: the weighted values, the weights, and the weights' mask.
  private func attend(
    _ heads: AttentionHeads, _ query: Value, _ key: Value, _ value: Value, mask: Value?,
    returnsScores: Bool, in context: CallContext
  ) throws(KerasError) -> (output: Value, scores: Value, mask: Value?) {
    let graph = context.graph
    let rank = graph.shape(of: query).rank
    let steps = try heads.steps(ofProjected: rank)
    let axes = AttentionAxes(rank: rank, steps: steps)
    let scaled = try graph.unary(.linear(scale: 1 / Float(heads.size).squareRoot(), offset: 0), query)
    var scores = try graph.contract(
      [LabeledValue(value: key, labels: axes.key), LabeledValue(value: scaled, labels: axes.query)],
      to: axes.scores)
    var seen = mask
    while let mask = seen, graph.shape(of: mask).rank < axes.scores.count {
      seen = try graph.expandDimensions(mask, axis: -2 * steps.count - 1)
    }
    if dropout == 0, !returnsScores, rank == 4 {
      scores = try weightsOfPlainAttention(scores, mask: seen, in: graph)
    } else {
      let inputs = [scores] + (seen.map { [$0] } ?? [])
      scores = try context.apply(
        child(softmaxName), to: inputs,
        arguments: CallArguments(names: seen == nil ? [] : ["inputs", "mask"])
      ).outputs[0]
    }
    let kept = dropout > 0 ? try context.apply(child(dropoutName), to: scores) : scores
    let output = try graph.contract(
      [LabeledValue(value: kept, labels: axes.scores), LabeledValue(value: value, labels: axes.key)],
      to: axes.query)
    return (output, scores, seen)
  }

  /// As Keras' fused operation: a query that sees nothing gets the mean of all values, not zeros.
  private func weightsOfPlainAttention(
    _ scores: Value, mask: Value?, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    let type = graph.spec(of: scores).dataType
    var logits = try graph.widened(scores)
    if let mask { logits = try graph.select(mask, logits, graph.scalar(-0.7 * 3.38953e38, like: logits)) }
    return try graph.cast(graph.softmax(logits), to: type)
  }

  private var softmaxName: String { children.first { $0.attribute == "_softmax" }?.layer.name ?? "" }
  private var dropoutName: String { children.first { $0.attribute == "_dropout_layer" }?.layer.name ?? "" }

  /// Keras makes these two as layers with automatic names, which then count for later layers.
  func addInnerLayers(softmaxAxes: AxisSelection) {
    for (attribute, layer) in [
      ("_softmax", Softmax(axis: softmaxAxes) as Layer), ("_dropout_layer", Dropout(dropout, seed: seed)),
    ] {
      layer.dataTypePolicy = dataTypePolicy
      addChild(attribute, layer)
    }
  }
}

/// What the heads of a layer are like.
struct AttentionHeads {
  /// Of a head's queries and keys.
  var size: Int
  /// How many heads of queries share one of keys and values.
  var sharing = 1
  /// The axes that attend, as in the query before projection; nil for all between batch and features.
  var axes: [Int]?

  /// The steps' axes of the projected tensors, which have one axis of heads more.
  func steps(ofProjected rank: Int) throws(KerasError) -> [Int] {
    guard let axes else { return Array(1..<(rank - 2)) }
    // Counted in the tensors before projection, which adds the axis of heads.
    let steps = axes.map { $0 < 0 ? $0 + rank - 1 : $0 }
    try require(
      Set(steps).count == steps.count && !steps.isEmpty && steps.allSatisfy((1..<(rank - 2)).contains),
      "Axes that attend stand between batch and features, found \(axes).")
    return steps
  }

  /// What heads share is repeated for each.
  func repeated(_ projected: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    sharing == 1 ? projected : try graph.repeatElements(projected, sharing, axis: 2)
  }
}

/// The names of the axes of queries, keys and scores.
private struct AttentionAxes {
  let query: [Int]
  /// Of keys and of values.
  let key: [Int]
  let scores: [Int]

  /// - Parameter steps: the axes that attend to each other; the last axis is the features', all others are apart.
  init(rank: Int, steps: [Int]) {
    query = Array(0..<rank)
    key = query.map { steps.contains($0) ? rank + $0 : $0 }
    let apart = query.dropLast().filter { !steps.contains($0) }
    scores = apart + steps + steps.map { rank + $0 }
  }
}

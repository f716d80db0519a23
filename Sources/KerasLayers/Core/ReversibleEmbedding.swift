import KerasGraph

/// An ``Embedding`` that can also go back: from vectors to a score for each row of the table.
///
/// - Input: whole numbers; going back, `[…, outputDimension]`. Output: `[…, outputDimension]`; going back,
///   `[…, inputDimension]`.
/// - Weights: `embeddings [inputDimension, outputDimension]`; with untied weights then
///   `reverse_embeddings [outputDimension, inputDimension]`.
///
/// Press and Wolf, "Using the Output Embedding to Improve Language Models" (2017).
public final class ReversibleEmbedding: Embedding, @unchecked Sendable {
  /// Whether the way back uses the same table.
  @Setting("tie_weights") public private(set) var tiesWeights: Bool
  /// The element type of the way back; nil for the layer's own.
  @Setting("reverse_dtype") public private(set) var reverseDataType: DataType?
  /// Scores are pressed into (−cap, cap) by `cap · tanh(score / cap)`; nil for no bound.
  @Setting("logit_soft_cap") public private(set) var logitSoftCap: Double?

  public init(
    inputDimension: Int, outputDimension: Int, tiesWeights: Bool = true,
    embeddingsInitializer: any Initializer = .randomUniform,
    embeddingsRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    embeddingsConstraint: (any Constraint)? = nil, masksZero: Bool = false,
    reverseDataType: DataType? = nil, logitSoftCap: Double? = nil, loraRank: Int? = nil,
    loraAlpha: Double? = nil, name: String? = nil
  ) {
    super.init(
      inputDimension: inputDimension, outputDimension: outputDimension,
      embeddingsInitializer: embeddingsInitializer, embeddingsRegularizer: embeddingsRegularizer,
      activityRegularizer: activityRegularizer, embeddingsConstraint: embeddingsConstraint,
      masksZero: masksZero, loraRank: loraRank, loraAlpha: loraAlpha, name: name)
    self.tiesWeights = tiesWeights
    self.reverseDataType = reverseDataType
    self.logitSoftCap = logitSoftCap
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try super.build(for: inputs)
    guard !tiesWeights else { return }
    addWeight(
      "reverse_embeddings", shape: [outputDimension, inputDimension], initializer: embeddings.initializer)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    guard context.options["reverse"]?.bool == true else { return try super.call(input, in: context) }
    // What comes back are scores, of which a mask of words says nothing.
    context.setOutputMasks([nil])
    let graph = context.graph
    let table =
      tiesWeights ? try adaptedWeight(in: context) : try context.value(of: weight("reverse_embeddings"))
    let type = reverseDataType ?? graph.spec(of: table).dataType
    let scores = try graph.matrixMultiply(
      graph.cast(input, to: type), graph.cast(table, to: type), transposesSecond: tiesWeights)
    guard let logitSoftCap else { return scores }
    try require(logitSoftCap > 0, "A bound of scores is positive, found \(logitSoftCap).")
    return try ((graph[scores] * (1 / logitSoftCap)).applying(.tanh) * logitSoftCap).value
  }

  /// The way back: a score for each row of the table.
  public func reversed(_ vectors: SymbolicTensor) -> SymbolicTensor {
    apply(to: [vectors], arguments: CallArguments(options: ["reverse": true]))[0]
  }
}

import KerasGraph

extension ProjectedAttention {
  /// Attends with each query to the values whose keys fit.
  ///
  /// - Parameters:
  ///   - query: `[batch, queries, features]`.
  ///   - value: `[batch, values, features]`.
  ///   - key: as many steps as the value; nil for the value itself.
  ///   - valueMask: `[batch, values]`, false for steps that are padding. Masks that tensors carry need not be given.
  ///   - attentionMask: `[batch, queries, values]`, false for what a query must not see.
  ///   - usesCausalMask: whether a query sees only values up to its own position.
  /// - Returns: `[batch, queries, features]`.
  public final func callAsFunction(
    query: SymbolicTensor, value: SymbolicTensor, key: SymbolicTensor? = nil,
    queryMask: SymbolicTensor? = nil, valueMask: SymbolicTensor? = nil, keyMask: SymbolicTensor? = nil,
    attentionMask: SymbolicTensor? = nil, usesCausalMask: Bool = false
  ) -> SymbolicTensor {
    outputs(
      [
        ("query", query), ("value", value), ("key", key), ("query_mask", queryMask),
        ("value_mask", valueMask), ("key_mask", keyMask), ("attention_mask", attentionMask),
      ], usesCausalMask ? ["use_causal_mask": true] : [:])[0]
  }

  /// The same, and the weight of each value for each query: `[batch, heads, queries, values]`.
  public final func withScores(
    query: SymbolicTensor, value: SymbolicTensor, key: SymbolicTensor? = nil,
    queryMask: SymbolicTensor? = nil, valueMask: SymbolicTensor? = nil, keyMask: SymbolicTensor? = nil,
    attentionMask: SymbolicTensor? = nil, usesCausalMask: Bool = false
  ) -> (output: SymbolicTensor, scores: SymbolicTensor) {
    var options: JSONObject = ["return_attention_scores": true]
    if usesCausalMask { options["use_causal_mask"] = true }
    let outputs = outputs(
      [
        ("query", query), ("value", value), ("key", key), ("query_mask", queryMask),
        ("value_mask", valueMask), ("key_mask", keyMask), ("attention_mask", attentionMask),
      ], options)
    return (outputs[0], outputs.last ?? outputs[0])
  }

  private func outputs(
    _ tensors: [(name: String, tensor: SymbolicTensor?)], _ options: JSONObject
  ) -> [SymbolicTensor] {
    let given = tensors.compactMap { pair in pair.tensor.map { (pair.name, $0) } }
    return apply(to: given.map(\.1), arguments: CallArguments(names: given.map(\.0), options: options))
  }
}

extension Layers {
  /// The classes of this folder.
  static let attentionRows: [Row] = [
    Row("Attention", Attention.init(_:)),
    Row("AdditiveAttention", AdditiveAttention.init(_:)),
    Row("MultiHeadAttention", MultiHeadAttention.init(_:)),
    Row("GroupedQueryAttention", GroupedQueryAttention.init(_:)),
  ]
}

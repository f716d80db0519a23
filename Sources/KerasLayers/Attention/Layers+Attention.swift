extension Layers {
  /// The classes of this folder.
  static let attentionRows: [Row] = [
    Row("Attention") { Attention(name: $0) },
    Row("AdditiveAttention") { AdditiveAttention(name: $0) },
    Row("MultiHeadAttention") { MultiHeadAttention(heads: 0, keySize: 0, name: $0) },
    Row("GroupedQueryAttention") {
      GroupedQueryAttention(headDimension: 0, queryHeads: 0, keyValueHeads: 0, name: $0)
    },
  ]
}

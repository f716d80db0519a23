extension Layers {
  /// The classes of this folder.
  static let coreRows: [Row] = [
    Row("InputLayer", InputLayer.init(_:)),
    Row("Dense", Dense.init(_:)),
    Row("EinsumDense", EinsumDense.init(_:)),
    Row("Embedding", Embedding.init(_:)),
    Row("ReversibleEmbedding", ReversibleEmbedding.init(_:)),
    Row("Masking", Masking.init(_:)),
    Row("Lambda", Lambda.init(_:)),
    Row("Identity", Identity.init(_:)),
    // Only in Keras 1.
    Row("MaxoutDense", MaxoutDense.init(_:)),
    Row("Highway", Highway.init(_:)),
  ]
}

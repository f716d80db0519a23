extension Layers {
  /// The classes of this folder.
  static let coreRows: [Row] = [
    Row("InputLayer", InputLayer.init(_:)),
    Row("Dense") { Dense(units: 0, name: $0) },
    Row("EinsumDense") { EinsumDense("", outputShape: [], name: $0) },
    Row("Embedding") { Embedding(inputDimension: 0, outputDimension: 0, name: $0) },
    Row("ReversibleEmbedding") { ReversibleEmbedding(inputDimension: 0, outputDimension: 0, name: $0) },
    Row("Masking", Masking.init(_:)),
    Row("Lambda", Lambda.init(_:)),
    Row("Identity") { Identity(name: $0) },
    // Only in Keras 1.
    Row("MaxoutDense") { MaxoutDense(units: 0, name: $0) },
    Row("Highway") { Highway(name: $0) },
  ]
}

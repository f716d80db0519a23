import KerasModels
import KerasPreprocessing
import Synchronization

/// What a model makes of pictures on the way to its answer, for searching, comparing and training on.
///
/// ```swift
/// let model = try ResNet50()
/// let vectors = try model.features(photos, at: "conv4_block6_out", pooling: .average)  // [count, 1024]
/// let pyramid = try model.features(photos, at: ["conv2_block3_out", "conv3_block4_out", "conv4_block6_out"])
/// ```
extension ImageModel {
  /// The output of a layer for some pictures, computed together; only what it needs of the model is run.
  ///
  /// - Parameters:
  ///   - layer: its name, or its path inside nested models; nil for what the classifier sees, or without one for the
  ///     model's output.
  ///   - pooling: what becomes of pictures of features, `[count, height, width, channels]`: nil leaves them, the mean
  ///     or maximum makes `[count, channels]` of them. Vectors stay as they are.
  /// - Returns: `[count, …]`.
  /// - Throws: `unknownName` for a layer that is not there, `invalidArgument` for no pictures, and what prediction
  ///   throws.
  public func features(
    _ images: [Image], at layer: String? = nil, pooling: FeaturePooling? = nil,
    interpolation: Interpolation? = nil, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> Tensor {
    let extractor = try featureExtractor(at: layer.map { [$0] } ?? [], pooling: pooling)
    return try computed(images, extractor, interpolation, options)[0]
  }

  /// The outputs of several layers, in the order they are named.
  public func features(
    _ images: [Image], at layers: [String], pooling: FeaturePooling? = nil,
    interpolation: Interpolation? = nil, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> [Tensor] {
    guard !layers.isEmpty else {
      throw KerasError(.invalidArgument, "Expected at least one layer, found none.", path: [name])
    }
    return try computed(images, featureExtractor(at: layers, pooling: pooling), interpolation, options)
  }

  private func computed(
    _ images: [Image], _ extractor: Model, _ interpolation: Interpolation?, _ options: ComputeOptions
  ) throws(KerasError) -> [Tensor] {
    guard !images.isEmpty else {
      throw KerasError(.invalidArgument, "Expected at least one picture, found none.", path: [name])
    }
    return try extractor.predictOnBatch([preprocess(images, interpolation: interpolation)], options: options)
  }

  /// The model from its input to some layers: a model of its own that shares the layers, for predictions batch by
  /// batch. The same one each time it is asked for.
  ///
  /// - Parameter layers: their names or paths; none for what the classifier sees.
  /// - Throws: `unknownName` for a layer that is not there.
  public func featureExtractor(
    at layers: [String] = [], pooling: FeaturePooling? = nil
  ) throws(KerasError) -> Model {
    let key = FeatureExtractors.Key(layers: layers, pooling: pooling)
    if let known = extractors.model(for: key) { return known }
    var outputs: [SymbolicTensor] = []
    for layer in layers { outputs.append(try output(of: layer)) }
    if layers.isEmpty { outputs = [classifierInput] }
    let pooled = try outputs.map { (x) throws(KerasError) in
      try within(name) { () throws(KerasError) in try pooledTensor(x, pooling) }
    }
    let model = try Model(inputs: inputs, outputs: pooled, name: name)
    extractors.keep(model, for: key)
    return model
  }

  /// What the last layer with weights sees, where the model has a classifier; else the output.
  private var classifierInput: SymbolicTensor {
    guard classCount != nil else { return output }
    var tensor = output
    while let call = tensor.origin, let input = call.inputs.first {
      tensor = input
      if !call.layer.weights.isEmpty { return tensor }
    }
    return output
  }
}

/// Pools what has two spatial axes, or one; other tensors are left.
private func pooledTensor(
  _ x: SymbolicTensor, _ pooling: FeaturePooling?
) throws(KerasError) -> SymbolicTensor {
  let layer: Layer? =
    switch (pooling, x.shape.rank) {
    case (.average?, 4): GlobalAveragePooling2D(dataFormat: .channelsLast)
    case (.maximum?, 4): GlobalMaxPooling2D(dataFormat: .channelsLast)
    case (.average?, 3): GlobalAveragePooling1D(dataFormat: .channelsLast)
    case (.maximum?, 3): GlobalMaxPooling1D(dataFormat: .channelsLast)
    default: nil
    }
  guard let layer else { return x }
  let pooled = layer(x)
  if let error = pooled.error { throw error }
  return pooled
}

/// Models to layers, which keep the programs they were prepared as.
final class FeatureExtractors: Sendable {
  struct Key: Hashable {
    let layers: [String]
    let pooling: FeaturePooling?
  }
  private let models = Mutex<[Key: Model]>([:])

  func model(for key: Key) -> Model? { models.withLock { $0[key] } }
  func keep(_ model: Model, for key: Key) { models.withLock { $0[key] = model } }
}

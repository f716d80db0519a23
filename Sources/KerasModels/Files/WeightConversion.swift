import KerasFiles
import KerasLayers

/// Arrays of a file as today's layers want them.
///
/// Keras 1 stored the gates of recurrent layers one by one and kernels of images in Theano's order; files written on
/// Theano have their kernels flipped, because Theano convolves where the others correlate; cuDNN's recurrent layers
/// have layouts of their own.
struct WeightConversion {
  let version: KerasVersion
  /// The backend the file was written on.
  let backend: String?

  func converted(_ stored: StoredLayer, for layer: Layer) throws(KerasError) -> StoredLayer {
    StoredLayer(name: stored.name, weights: try converted(stored.weights, for: layer))
  }

  private func converted(_ weights: [StoredWeight], for layer: Layer) throws(KerasError) -> [StoredWeight] {
    switch layer.className {
    case "Bidirectional":
      guard layer.children.count == 2, weights.count % 2 == 0 else { return weights }
      let half = weights.count / 2
      return try converted(Array(weights[..<half]), for: layer.children[0].layer)
        + converted(Array(weights[half...]), for: layer.children[1].layer)
    case "TimeDistributed":
      return try layer.children.first.map { (child) throws(KerasError) in
        try converted(weights, for: child.layer)
      } ?? weights
    case "LSTM", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D":
      // Keras 1's gates are i, c, f, o, each with kernel, recurrent kernel and bias.
      let joined = weights.count == 12 ? joinedGates(weights, order: [0, 2, 1, 3]) : weights
      return layer.className == "LSTM" ? cudnnConverted(joined, layer, .lstm) : kernels(joined, count: 2, of: layer)
    case "GRU":
      let joined = weights.count == 9 ? joinedGates(weights, order: [0, 1, 2]) : weights
      return cudnnConverted(joined, layer, .gru)
    case "Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "Conv3DTranspose", "DepthwiseConv2D":
      return kernels(weights, count: 1, of: layer)
    default: return weights
    }
  }

  /// Kernels, recurrent kernels and biases of all gates, each joined along the last axis.
  private func joinedGates(_ weights: [StoredWeight], order: [Int]) -> [StoredWeight] {
    (0..<3).map { part in
      let parts = order.map { weights[3 * $0 + part] }
      var shape = parts[0].shape
      if let last = shape.indices.last { shape[last] = parts.reduce(0) { $0 + ($1.shape.last ?? 0) } }
      return parts[0].changed(to: shape) { () throws(KerasError) in
        var tensors: [Tensor] = []
        for part in parts { tensors.append(try part.tensor()) }
        return try Tensor(joiningLastAxisOf: tensors)
      }
    }
  }

  /// The first `count` arrays brought from older orders of axes, and turned round where Theano wrote them.
  private func kernels(_ weights: [StoredWeight], count: Int, of layer: Layer) -> [StoredWeight] {
    weights.enumerated().map { position, weight in
      let wanted = layer.legacyWeights
      guard position < count, wanted.indices.contains(position) else { return weight }
      return kernel(weight, for: layer, shape: wanted[position].shape)
    }
  }

  private func kernel(_ stored: StoredWeight, for layer: Layer, shape: [Int]) -> StoredWeight {
    var weight = stored
    let spatial = shape.count - 2
    guard spatial >= 1 else { return weight }
    if version == .keras1 {
      let isChannelsFirst = layer.config["data_format"]?.string == "channels_first"
      if layer.className == "Conv1D", weight.shape.count == 4 {
        // Keras 1 computed with images one element wide: [window, 1, in, out], or on Theano [out, in, window, 1].
        if [weight.shape[0], weight.shape[2], weight.shape[3]] == shape, weight.shape[1] == 1 {
          weight = weight.changed(to: shape) { [weight] () throws(KerasError) in try weight.tensor().reshaped(to: shape) }
        } else if weight.shape[3] == 1 {
          weight = weight.transposed([2, 3, 1, 0])
          weight = weight.changed(to: shape) { [weight] () throws(KerasError) in try weight.tensor().reshaped(to: shape) }
        }
      } else if layer.className == "Conv2DTranspose", weight.shape.count == 4 {
        weight = weight.transposed(isChannelsFirst ? [2, 3, 0, 1] : [0, 1, 3, 2])
      } else if isChannelsFirst, weight.shape.count == spatial + 2 {
        weight = weight.transposed(Array(2..<spatial + 2) + [1, 0])
      }
    }
    if backend == "theano", weight.shape.count == spatial + 2, layer.className != "DepthwiseConv2D" {
      weight = weight.reversed(axes: 0..<spatial)
    }
    // Files converted by hand may still have Theano's order of axes.
    let theano = Array(2..<shape.count) + [1, 0]
    if weight.shape != shape, weight.shape.count == shape.count, theano.map({ weight.shape[$0] }) == shape {
      weight = weight.transposed(theano)
    }
    return weight
  }

  /// Weights that cuDNN's layers stored: biases for the input and the state one after the other, and kernels whose
  /// gates are transposed.
  private func cudnnConverted(_ weights: [StoredWeight], _ layer: Layer, _ cell: RecurrentCell) -> [StoredWeight] {
    guard weights.count == 3, let units = layer.config["units"]?.integer,
      weights[2].shape == [2 * cell.gateCount * units]
    else { return weights }
    let wanted = layer.legacyWeights.map(\.shape)
    return weights.indices.map { position in
      weights[position].changed(to: wanted.indices.contains(position) ? wanted[position] : []) {
        () throws(KerasError) in
        var tensors: [Tensor] = []
        for weight in weights { tensors.append(try weight.tensor()) }
        return try CuDNNWeights.converted(tensors, of: cell)[position]
      }
    }
  }
}

extension StoredWeight {
  /// The same array, computed from itself on reading.
  fileprivate func changed(
    to shape: [Int], _ read: @escaping @Sendable () throws(KerasError) -> Tensor
  ) -> StoredWeight {
    StoredWeight(
      name: name, shape: shape, dataType: dataType, storedType: storedType,
      byteCount: elementCountOf(shape) * (dataType?.byteCount ?? 0), read: read)
  }

  fileprivate func transposed(_ permutation: [Int]) -> StoredWeight {
    changed(to: permutation.map { shape[$0] }) { () throws(KerasError) in
      try tensor().transposed(permutation)
    }
  }

  fileprivate func reversed(axes: Range<Int>) -> StoredWeight {
    changed(to: shape) { () throws(KerasError) in try tensor().reversed(axes: Array(axes)) }
  }
}

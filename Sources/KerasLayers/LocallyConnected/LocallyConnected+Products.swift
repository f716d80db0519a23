import KerasGraph

/// The sums of a locally connected layer from its three kinds of kernels.
///
/// All return the outputs in the order of the layer's axes, whatever their shape.
extension LocallyConnectedLayer {
  /// A kernel `[positions, window · channels, filters]`: each position's window is laid out as a row, and a product of
  /// matrices done for each position.
  func sumOfPatches(
    _ input: Value, _ kernel: Value, _ connections: LocalConnections, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    let image = try graph.channelsLast(input, dataFormat)
    let batch = graph.shape(of: image)[0]
    let channels = graph.shape(of: image).last ?? nil
    let positions = elementCountOf(connections.outputs)
    let window = elementCountOf(kernelSize)
    var seen: [Int32] = []
    connections.forEachOutput { _, inputs in seen += inputs.map(Int32.init) }
    let pixels = try graph.reshaped(image, to: [batch, elementCountOf(connections.inputs), channels])
    let patches = try graph.gather(pixels, at: graph.constant(Tensor(seen)), axis: 1)
    let rows = try graph.reshaped(patches, to: [batch, positions, channels.map { $0 * window }])
    var weights = kernel
    if dataFormat == .channelsFirst, let channels {
      // Its rows run through the channels first.
      weights = try graph.reshape(weights, to: [positions, channels, window, filters])
      weights = try graph.transpose(weights, [0, 2, 1, 3])
      weights = try graph.reshape(weights, to: [positions, window * channels, filters])
    }
    let sums = try graph.matrixMultiply(graph.transpose(rows, [1, 0, 2]), weights)
    return try graph.transpose(sums, dataFormat == .channelsLast ? [1, 0, 2] : [1, 2, 0])
  }

  /// A dense kernel from all inputs to all outputs, of which the mask keeps what is near.
  func maskedProduct(
    _ input: Value, _ kernel: Value, _ connections: LocalConnections, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    let (inputs, outputs) = (elementCountOf(connections.inputs), elementCountOf(connections.outputs))
    let mask = Tensor(uninitialized: [inputs * outputs], Float.self) { mask in
      mask.update(repeating: 0)
      connections.forEachOutput { output, seen in
        for input in seen { mask[input * outputs + output] = 1 }
      }
    }
    let shape =
      dataFormat == .channelsLast
      ? connections.inputs + [1] + connections.outputs + [1]
      : [1] + connections.inputs + [1] + connections.outputs
    let near = try graph.cast(graph.constant(mask.reshaped(to: shape)), to: graph.spec(of: kernel).dataType)
    let features = Shape(Array(graph.shape(of: input).dropFirst())).elementCount ?? 0
    let weights = try graph.reshape(graph.multiply(kernel, near), to: [features, outputs * filters])
    return try graph.matrixMultiply(
      graph.reshaped(input, to: [graph.shape(of: input)[0], features]), weights)
  }

  /// A list of weights: each takes one input's number to one output.
  func sparseProduct(
    _ input: Value, _ kernel: Value, _ connections: LocalConnections, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    let (inputs, outputs) = (elementCountOf(connections.inputs), elementCountOf(connections.outputs))
    let features = Shape(Array(graph.shape(of: input).dropFirst())).elementCount ?? 0
    let channels = features / max(inputs, 1)
    var sources: [Int32] = []
    var targets: [Int32] = []
    /// All weights that lead to one output's number.
    func list(_ seen: [Int], to target: Int) {
      switch dataFormat {
      case .channelsLast:
        for input in seen { sources += (0..<channels).map { Int32(input * channels + $0) } }
      case .channelsFirst:
        for channel in 0..<channels { sources += seen.map { Int32(channel * inputs + $0) } }
      }
      targets += [Int32](repeating: Int32(target), count: seen.count * channels)
    }
    switch dataFormat {
    case .channelsLast:
      connections.forEachOutput { output, seen in
        for filter in 0..<filters { list(seen, to: output * filters + filter) }
      }
    case .channelsFirst:
      for filter in 0..<filters {
        connections.forEachOutput { output, seen in list(seen, to: filter * outputs + output) }
      }
    }
    let flat = try graph.reshaped(input, to: [graph.shape(of: input)[0], features])
    let products = try graph.multiply(
      graph.gather(flat, at: graph.constant(Tensor(sources)), axis: 1), kernel)
    return try graph.scatterAdd(
      products, at: graph.constant(Tensor(targets)), axis: 1, length: outputs * filters)
  }
}

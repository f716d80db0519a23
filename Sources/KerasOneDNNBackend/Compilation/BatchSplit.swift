import KerasGraph

/// How a batch is divided among threads.
///
/// A batch of more rows than threads need not be computed layer by layer by all threads together: each
/// thread can take a few rows through the whole network, in primitives made for one thread. Nobody waits
/// for anybody at the end of a layer, and a few rows' activations stay in the thread's own cache.
struct BatchSplit {
  /// The graph for as many rows as a thread takes at once.
  let graph: Graph
  let rows: Int

  /// Nil when the batch is to be computed as a whole.
  ///
  /// Every portion reads all the weights, so the larger those are against the activations, the more rows
  /// should share a reading: their number grows with the root of that ratio. (Measured on two cores:
  /// MobileNet 1 or 2, ResNet50 4 in bfloat16.) Winograd's packed weights are so large that the whole batch
  /// should share them.
  init?(of graph: Graph, options: ProgramOptions, threads: Int) {
    guard let batch = graph.batchSize, batch > threads, let single = graph.forBatch(of: 1) else { return nil }
    let precision = PrecisionPlan(
      for: graph, precision: options.precision, purpose: options.purpose, on: Engine.instructions)
    guard !Self.usesWinograd(graph, options.purpose, precision) else { return nil }
    let weights = graph.constantByteCount
    let activations = MemoryPlan(for: single) { single.lengths(of: $0).reduce(4, *) }.byteCount
    var rows = precision.multipliesBFloat16 ? 2 : 1
    while 4 * rows * rows * max(activations, 1) <= weights { rows *= 2 }
    rows = min(rows, batch / threads)
    guard let portion = rows == 1 ? single : graph.forBatch(of: rows) else { return nil }
    self.graph = portion
    self.rows = rows
  }

  private static func usesWinograd(_ graph: Graph, _ purpose: Purpose, _ precision: PrecisionPlan) -> Bool {
    guard purpose == .throughput else { return false }
    return graph.nodes.indices.contains { index in
      guard case .convolution(let convolution) = graph.nodes[index].operation,
        precision.productType(of: index) == .float32
      else { return false }
      return convolution.usesWinograd(
        image: graph.lengths(of: graph.nodes[index].inputs[0]), result: graph.lengths(of: Value(node: index)))
    }
  }
}

import KerasModels

/// What one call of a layer gave.
struct RecurrentRun {
  var outputs: [Tensor] = []
  /// Of a fixed projection of the outputs: of each input, then of each trainable weight.
  var gradients: [Tensor] = []
  /// The number each element of the outputs counts for in the projection.
  static func projection(_ spec: TensorSpec, _ number: Int) -> Tensor {
    seeded(spec.shape.known ?? [], 1000 + number)
  }

  /// Calls `layer` on numbers, and keeps the states it leaves.
  init(
    _ layer: Layer, on inputs: [Tensor], masks: [Tensor?] = [], arguments: CallArguments = .none,
    isTraining: Bool = false, differentiating: Bool = false, backend: any Backend = Backends.all[1]
  ) throws {
    let graph = GraphBuilder()
    let values = inputs.map { graph.input($0.spec) }
    let maskValues = inputs.indices.map { position -> Value? in
      masks.indices.contains(position) ? masks[position].map { graph.constant($0) } : nil
    }
    let context = CallContext(graph: graph, mode: .inputs, isTraining: isTraining)
    let (outputs, _) = try context.apply(layer, to: values, masks: maskValues, arguments: arguments)
    var returned = outputs + context.updates.map(\.value)
    if differentiating {
      let parameters = layer.trainableWeights.compactMap { weight in
        context.parameters.first { $0.variable === weight }?.value
      }
      let seeds = outputs.enumerated().map {
        (output: $1, gradient: graph.constant(Self.projection(graph.spec(of: $1), $0)))
      }
      for (target, gradient) in zip(
        values + parameters, try graph.gradients(from: seeds, to: values + parameters))
      {
        returned.append(try gradient.orElse(graph.zeros(like: target)))
      }
    }
    let program = try backend.prepare(graph.finish(returning: returned), options: ProgramOptions())
    let results = try program.run(inputs + context.parameters.map(\.variable.value))
    self.outputs = Array(results.prefix(outputs.count))
    gradients = Array(results.dropFirst(outputs.count + context.updates.count))
    for (update, value) in zip(context.updates, results.dropFirst(outputs.count)) {
      try update.variable.assign(value)
    }
  }
}

/// Numbers in −1…1 that a seed decides.
func seeded(_ shape: [Int], _ seed: Int) -> Tensor {
  let generator = CounterRandom(seed: UInt64(seed))
  return Tensor(uninitialized: shape, Float.self) { elements in
    for index in elements.indices {
      elements[index] = Float(2 * generator.uniform(stream: 7, at: UInt64(index)) - 1)
    }
  }
}

/// Gives a layer seeded weights.
func seedWeights(of layer: Layer, _ seed: Int) throws(KerasError) {
  for (number, weight) in layer.weights.enumerated() {
    try weight.assign(seeded(weight.shape, seed + 31 * number))
  }
}

/// The largest difference of two lists of tensors of the same shapes; nil when shapes differ.
func largestDifference(_ a: [Tensor], _ b: [Tensor]) -> Double? {
  guard a.map(\.shape) == b.map(\.shape) else { return nil }
  var largest = 0.0
  for (a, b) in zip(a, b) {
    let (x, y): ([Double], [Double]) = (a.scalars(), b.scalars())
    for (x, y) in zip(x, y) { largest = max(largest, (x - y).isNaN ? .infinity : abs(x - y)) }
  }
  return largest
}

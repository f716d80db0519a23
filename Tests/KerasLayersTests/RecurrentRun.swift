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
    let recorder = StepRecorder(isTraining: isTraining)
    let values = inputs.map { recorder.input($0.spec) }
    let maskValues = inputs.indices.map { position -> Value? in
      masks.indices.contains(position) ? masks[position].map { recorder.graph.constant($0) } : nil
    }
    let outputs = try recorder.call(layer, on: values, masks: maskValues, arguments: arguments).outputs
    var returned = outputs
    if differentiating {
      let seeds = outputs.enumerated().map {
        (output: $1, gradient: recorder.graph.constant(Self.projection(recorder.graph.spec(of: $1), $0)))
      }
      let gradients = try recorder.gradients(from: seeds, byValues: values, layer.trainableWeights)
      returned += gradients.values + gradients.variables
    }
    let step = try recorder.finish(returning: returned)
    let results = try ResidentStates(on: backend).prepare(step).step(inputs)
    self.outputs = Array(results.prefix(outputs.count))
    gradients = Array(results.dropFirst(outputs.count))
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

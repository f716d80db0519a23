import KerasBenchmarkTurns
import KerasGraph
import KerasLayers
import KerasOneDNNBackend

/// Where weights are from one step to the next.
enum WeightsBetweenSteps: String {
  /// In a session, where they are computed.
  case session
  /// In the host's memory: inputs and results of every run.
  case carried
}

/// Convolutions of 32 and 64 filters, pooling, a dense layer of 128 units and the scores of ten classes, as in Keras'
/// example for MNIST, on pictures of 28 × 28.
private struct Network {
  let layers: [Layer] = [
    Conv2D(filters: 32, kernelSize: [3, 3], activation: .relu),
    Conv2D(filters: 64, kernelSize: [3, 3], activation: .relu),
    MaxPooling2D(poolSize: [2, 2]), Flatten(), Dense(units: 128, activation: .relu),
    Dense(units: 10, activation: .softmax),
  ]

  /// One step on the mean squared error of the probabilities.
  func step(batch: Int, rate: Float) throws(KerasError) -> RecordedStep {
    let recorder = StepRecorder(isTraining: true)
    let graph = recorder.graph
    let (x, y) = (recorder.input(TensorSpec([batch, 28, 28, 1])), recorder.input(TensorSpec([batch, 10])))
    var scores = x
    for layer in layers { scores = try recorder.call(layer, on: [scores]).outputs[0] }
    let error = try graph.unary(.square, graph.binary(.subtract, scores, y))
    let loss = try graph.reduce(.mean, error, axes: [0, 1])
    let weights = recorder.weights
    for (weight, gradient) in zip(weights, try recorder.gradients(of: loss, by: weights)) {
      let change = try graph.unary(.linear(scale: rate, offset: 0), gradient)
      try recorder.assign(graph.binary(.subtract, recorder.value(of: weight), change), to: weight)
    }
    return try recorder.finish(returning: [loss])
  }
}

/// Times steps of gradient descent on a small convolutional network and prints them as JSON.
func compareCarrying(_ mode: WeightsBetweenSteps, batch: Int, count: Int, threads: Int?) throws {
  let step = try Network().step(batch: batch, rate: 0.01)
  let options = ProgramOptions(purpose: .throughput, threads: threads)
  let random = CounterRandom(seed: 7)
  let x = Tensor(uninitialized: [batch, 28, 28, 1], Float.self) { elements in
    for i in elements.indices { elements[i] = Float(random.uniform(stream: 0, at: UInt64(i))) }
  }
  let y = Tensor(uninitialized: [batch, 10], Float.self) { elements in
    for i in elements.indices { elements[i] = i % 10 == i / 10 % 10 ? 1 : 0 }
  }
  let backend = OneDNNBackend()
  let run: () throws -> Float
  switch mode {
  case .session:
    let session = try ResidentStates(on: backend).prepare(step, options: options)
    run = { try session.step([x, y])[0].scalars()[0] }
  case .carried:
    let program = try backend.prepare(optimizing: step.graph, options: options).program
    var weights = step.variables.map(\.value)
    run = {
      let results = try program.run([x, y] + weights)
      weights = Array(results.dropFirst())
      return results[0].scalars()[0]
    }
  }
  var losses = [try run(), try run()]
  let times = Samples()
  for _ in 0..<count { try times.measure { losses.append(try run()) } }
  let bytes = step.variables.reduce(0) { $0 + $1.elementCount * $1.dataType.byteCount }
  print(
    "{\"mode\": \"\(mode.rawValue)\", \"batch\": \(batch), \"min_ms\": \(times.minimum), \"median_ms\": "
      + "\(times.median), \"weight_bytes\": \(bytes), \"first_loss\": \(losses[0]), "
      + "\"last_loss\": \(losses[losses.count - 1])}")
}

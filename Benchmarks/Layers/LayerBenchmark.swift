import Glibc
import KerasBenchmarkTurns
import KerasGraph
import KerasLayers
import KerasOneDNNBackend

// KerasLayerBenchmark CASE DIRECTION THREADS [--plan]: one contestant of Benchmarks/layers. With --plan it only prints
// how the case is computed.

/// Layers, what they are given, and what is asked of them: as harness/layer_worker.py does it in PyTorch.
struct Case {
  let input: [Int]
  /// Records the layers' calls.
  let call: (StepRecorder, Value) throws(KerasError) -> Value

  static func named(_ name: String) -> Case? {
    switch name {
    case "lstm":
      let layer = LSTM(units: 128, returnsSequences: true)
      return Case(input: [32, 80, 128]) { (step, x) throws(KerasError) in
        try step.call(layer, on: [x]).outputs[0]
      }
    case "gru":
      let layer = GRU(units: 128, returnsSequences: true)
      return Case(input: [32, 80, 128]) { (step, x) throws(KerasError) in
        try step.call(layer, on: [x]).outputs[0]
      }
    case "dense":
      let layers = [
        Dense(units: 512, activation: .relu), Dense(units: 512, activation: .relu),
        Dense(units: 10, activation: .softmax),
      ]
      return Case(input: [128, 784]) { (step, x) throws(KerasError) in
        var x = x
        for layer in layers { x = try step.call(layer, on: [x]).outputs[0] }
        return x
      }
    case "attention":
      let (normalization, attention) = (LayerNormalization(), MultiHeadAttention(heads: 8, keySize: 64))
      return Case(input: [8, 128, 512]) { (step, x) throws(KerasError) in
        let normal = try step.call(normalization, on: [x]).outputs[0]
        let attended = try step.call(
          attention, on: [normal, normal], arguments: CallArguments(names: ["query", "value"])
        ).outputs[0]
        return try step.graph.add(x, attended)
      }
    default: return nil
    }
  }

  /// The layers' output; or the gradients of its product with random numbers by input and weights, which are then
  /// states of the step.
  func step(isBackward: Bool) throws(KerasError) -> RecordedStep {
    let recorder = StepRecorder(isTraining: false, weightsAreConstant: !isBackward)
    let x = recorder.input(TensorSpec(input))
    let y = try call(recorder, x)
    guard isBackward else { return try recorder.finish(returning: [y]) }
    // Not ones: a softmax would send nothing back.
    let graph = recorder.graph
    var upstream = y
    let random = CounterRandom(seed: 8)
    let numbers = (0..<(graph.shape(of: y).elementCount ?? 0)).map {
      Float(random.uniform(stream: 0, at: UInt64($0)))
    }
    if let lengths = graph.shape(of: y).known {
      upstream = graph.constant(try Tensor(numbers, shape: lengths))
    }
    let gradients = try recorder.gradients(from: [(y, upstream)], byValues: [x], recorder.weights)
    return try recorder.finish(returning: [y] + gradients.values + gradients.variables)
  }
}

@main
struct LayerBenchmark {
  static func main() throws {
    let words = CommandLine.arguments
    guard words.count >= 4, let chosen = Case.named(words[1]), let threads = Int(words[3]) else {
      print("KerasLayerBenchmark lstm|gru|dense|attention forward|backward THREADS [--plan]")
      exit(64)
    }
    let started = seconds()
    let step = try chosen.step(isBackward: words[2] == "backward")
    let options = ProgramOptions(purpose: .throughput, threads: threads)
    if words.contains("--plan") {
      let (program, graph) = try OneDNNBackend().prepare(optimizing: step.graph, options: options)
      print(graph)
      print(program.plan.joined(separator: "\n"))
      return
    }
    for (stream, variable) in step.variables.enumerated() {
      try variable.assign(numbers(variable.shape, stream: stream + 1, range: 0.1))
    }
    let input = numbers(chosen.input, stream: 0, range: 2)
    let session = try ResidentStates(on: OneDNNBackend()).prepare(step, options: options)
    try session.step([input])
    try takeTurns(preparedSince: started) { try session.step([input]) }
  }

  private static func numbers(_ shape: [Int], stream: Int, range: Float) -> Tensor {
    let random = CounterRandom(seed: 7)
    return Tensor(uninitialized: shape, Float.self) { elements in
      for i in elements.indices {
        elements[i] = Float(random.uniform(stream: UInt64(stream), at: UInt64(i)) - 0.5) * range
      }
    }
  }
}

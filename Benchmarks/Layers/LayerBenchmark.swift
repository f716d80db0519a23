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
  let call: (CallContext, Value) throws(KerasError) -> Value

  static func named(_ name: String) -> Case? {
    switch name {
    case "lstm":
      let layer = LSTM(units: 128, returnsSequences: true)
      return Case(input: [32, 80, 128]) { (context, x) throws(KerasError) in try context.apply(layer, to: x) }
    case "gru":
      let layer = GRU(units: 128, returnsSequences: true)
      return Case(input: [32, 80, 128]) { (context, x) throws(KerasError) in try context.apply(layer, to: x) }
    case "dense":
      let layers = [
        Dense(units: 512, activation: .relu), Dense(units: 512, activation: .relu),
        Dense(units: 10, activation: .softmax),
      ]
      return Case(input: [128, 784]) { (context, x) throws(KerasError) in
        var x = x
        for layer in layers { x = try context.apply(layer, to: x) }
        return x
      }
    case "attention":
      let (normalization, attention) = (LayerNormalization(), MultiHeadAttention(heads: 8, keySize: 64))
      return Case(input: [8, 128, 512]) { (context, x) throws(KerasError) in
        let normal = try context.apply(normalization, to: x)
        let attended = try context.apply(
          attention, to: [normal, normal], arguments: CallArguments(names: ["query", "value"])
        ).outputs[0]
        return try context.graph.add(x, attended)
      }
    default: return nil
    }
  }

  /// The graph of the layers' output; or of the gradients of its product with random numbers by input and weights, which are then inputs.
  func graph(isBackward: Bool) throws(KerasError) -> Graph {
    let builder = GraphBuilder()
    let context = CallContext(graph: builder, mode: isBackward ? .inputs : .constants)
    let x = builder.input(TensorSpec(input))
    let y = try call(context, x)
    guard isBackward else { return try PassPipeline.inference.apply(to: builder.finish(returning: [y])) }
    // Not ones: a softmax would send nothing back.
    var upstream = y
    let random = CounterRandom(seed: 8)
    let numbers = (0..<(builder.shape(of: y).elementCount ?? 0)).map {
      Float(random.uniform(stream: 0, at: UInt64($0)))
    }
    if let lengths = builder.shape(of: y).known {
      upstream = builder.constant(try Tensor(numbers, shape: lengths))
    }
    let targets = [x] + context.parameters.map(\.value)
    var gradients: [Value] = []
    for gradient in try builder.gradients(from: [(y, upstream)], to: targets) {
      if let gradient { gradients.append(gradient) }
    }
    return try PassPipeline.training.apply(to: builder.finish(returning: [y] + gradients))
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
    let graph = try chosen.graph(isBackward: words[2] == "backward")
    let program = try OneDNNBackend().prepare(
      graph, options: ProgramOptions(purpose: .throughput, threads: threads))
    if words.contains("--plan") {
      print(graph)
      print(program.plan.joined(separator: "\n"))
      return
    }
    let random = CounterRandom(seed: 7)
    let inputs = graph.inputs.enumerated().map { stream, value in
      Tensor(uninitialized: graph.shape(of: value).compactMap { $0 }, Float.self) { elements in
        for i in elements.indices {
          elements[i] =
            Float(random.uniform(stream: UInt64(stream), at: UInt64(i)) - 0.5) * (stream == 0 ? 2 : 0.1)
        }
      }
    }
    _ = try program.run(inputs)
    try takeTurns(preparedSince: started) { _ = try program.run(inputs) }
  }
}

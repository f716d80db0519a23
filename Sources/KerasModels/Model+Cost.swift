import Glibc
import KerasGraph
import KerasLayers

/// What a prediction costs, known without making one, and without weights.
public struct ModelCost: Sendable {
  /// Numbers in all weights.
  public let parameterCount: Int
  /// Products that convolutions and matrix products (dense layers, attention, recurrence) multiply and add up, in the
  /// layers as they are written, before any are joined.
  public let multiplyAdds: Int
  /// The weights as the model holds them; those of a file are mapped, not copied.
  public let weightByteCount: Int
  /// What the prepared program keeps and needs, inputs and outputs included.
  public let program: ProgramMemory
  /// Of the whole prediction.
  private let graph: Graph
  private let options: ComputeOptions

  /// The most that model, program and one prediction at a time take together. Libraries, the program's code and what
  /// one kernel or another needs for itself come on top.
  public var memoryByteCount: Int {
    saturatedSum([weightByteCount, program.keptByteCount, program.runByteCount])
  }

  fileprivate init(of model: Model, for specs: [TensorSpec], _ options: ComputeOptions) throws(KerasError) {
    let sizes = model.weights.map { checkedElementCount($0.shape + [$0.dataType.byteCount]) ?? .max }
    let zeros = try ZeroMemory(byteCount: sizes.max() ?? 0)
    let written = try model.lowering(for: specs, mode: .zeros(zeros)).graph
    guard let multiplyAdds = written.multiplyAdds else {
      throw KerasError(
        .unsupported, "How much is computed depends on more than the shapes.", path: [model.name])
    }
    let backend = try options.chosenBackend()
    graph = try backend.pipeline.apply(to: written)
    let memory = try backend.memory(of: graph, options: options.program)
    let ends = (graph.inputs + graph.outputs).map { [graph] in graph.byteCount(of: $0) ?? 0 }
    (parameterCount, self.multiplyAdds) = (model.parameterCount, multiplyAdds)
    weightByteCount = saturatedSum(sizes)
    program = ProgramMemory(
      keptByteCount: memory.keptByteCount, runByteCount: saturatedSum([memory.runByteCount] + ends))
    self.options = options
  }

  /// Measures a prediction on this machine, with weights of 0 (kernels take as long whatever the numbers are), which
  /// only the program holds. One prediction warms up.
  ///
  /// - Parameters:
  ///   - repeats: how many predictions are measured.
  ///   - seconds: when to stop earlier.
  /// - Returns: the time in the middle, in seconds.
  /// - Throws: `unsupported` where this machine has not the memory; what preparing and running throw.
  public func measuredSeconds(repeats: Int = 10, stoppingAfter seconds: Double = 2) throws(KerasError)
    -> Double
  {
    let needed = saturatedSum([program.keptByteCount, program.runByteCount])
    let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    guard needed <= memory else {
      throw KerasError(
        .unsupported,
        "A prediction needs \(readableSize(needed)) of memory, and this machine has \(readableSize(memory)).")
    }
    let prepared = try options.chosenBackend().prepare(graph, options: options.program)
    let inputs = graph.inputs.enumerated().map { position, value in
      Tensor(madeUpFor: graph.spec(of: value), stream: UInt64(position))
    }
    _ = try prepared.run(inputs)
    var times: [Double] = []
    let clock = ContinuousClock()
    let start = clock.now
    repeat {
      let beginning = clock.now
      _ = try prepared.run(inputs)
      times.append(beginning.duration(to: clock.now).inSeconds)
    } while times.count < repeats && start.duration(to: clock.now).inSeconds < seconds
    return median(times)
  }
}

extension Model {
  /// What a prediction on inputs of these shapes costs. Nothing is computed, and weights that have no values yet get
  /// none.
  ///
  /// ```swift
  /// let cost = try ResNet50(weights: .none).cost(for: [[1, 224, 224, 3]])
  /// print(cost.multiplyAdds, cost.memoryByteCount, try cost.measuredSeconds())
  /// ```
  ///
  /// - Parameter inputShapes: one for each input, the batch's size first.
  /// - Throws: `invalidArgument` for another number of shapes; `shapeMismatch` for shapes the model does not take;
  ///   `unsupported` where lengths depend on numbers, or are too large.
  public func cost(
    for inputShapes: [[Int]], options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> ModelCost {
    try ModelCost(of: self, for: specs(for: inputShapes), options)
  }
}

extension Tensor {
  /// Uniform in [0, 1); zeros for what counts or says yes and no.
  fileprivate init(madeUpFor spec: TensorSpec, stream: UInt64) {
    let lengths = spec.shape.known ?? []
    guard spec.dataType.isFloatingPoint else {
      self.init(zeros: lengths, spec.dataType)
      return
    }
    let generator = CounterRandom(seed: 0)
    self = Tensor(uninitialized: lengths, Float.self) { numbers in
      for index in numbers.indices {
        numbers[index] = Float(generator.uniform(stream: stream, at: UInt64(index)))
      }
    }.converted(to: spec.dataType)
  }
}

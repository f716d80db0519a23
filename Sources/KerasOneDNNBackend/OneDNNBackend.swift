import KerasGraph
import KerasPlainKernels

/// The fast backend: oneDNN's primitives, and kernels of our own where those are better.
///
/// - Activations are stored channels-last throughout; weights in whatever layout their kernel asks for,
///   packed once, with the epilogue's scale multiplied in.
/// - Products of bfloat16 numbers, those of a graph that says bfloat16 itself and those that
///   `precision: .bfloat16` permits, are computed as such where the CPU can, else in float32, and the plan says so.
/// - `purpose: .throughput` lets 3×3 convolutions with stride 1 use Winograd's algorithm in float32.
public struct OneDNNBackend: Backend {
  public init() {}

  public var name: String { "onednn" }

  public var evaluator: (any ConstantEvaluator)? { PlainEvaluator() }

  public func makeStates(_ initial: [Tensor]) throws(KerasError) -> any StateStore {
    HostStates(initial)
  }

  public func prepare(_ graph: Graph, options: ProgramOptions = ProgramOptions()) throws(KerasError)
    -> any Program
  {
    try Library.load()
    let threads = try Threads.number(for: options.threads)
    try graph.checkLengths()
    // What cannot be compiled for some rows is refused for all of them: then errors name the shapes that were given.
    if let split = BatchSplit(of: graph, options: options, threads: threads), let batch = graph.batchSize,
      let portion = try? compile(split.graph, options: options, threads: 1)
    {
      return OneDNNProgram(
        portion, of: graph, threads: threads,
        portions: OneDNNProgram.Portions(rows: split.rows, batch: batch))
    }
    return OneDNNProgram(
      try compile(graph, options: options, threads: threads), of: graph, threads: threads)
  }

  public func memory(of graph: Graph, options: ProgramOptions) throws(KerasError) -> ProgramMemory {
    try Library.load()
    let threads = try Threads.number(for: options.threads)
    try graph.checkLengths()
    return ProgramMemory(of: graph, options: options, threads: threads)
  }

  /// Primitives are compiled for a number of threads.
  private func compile(_ graph: Graph, options: ProgramOptions, threads: Int) throws(KerasError)
    -> CompiledGraph
  {
    try Threads.using(threads) { () throws(KerasError) in
      var compiler = try GraphCompiler(graph, options: options, threads: threads)
      return try compiler.compile()
    }
  }
}

extension ProgramMemory {
  /// As programs are compiled: the weights of products in the type that these read, those for Winograd's algorithm
  /// transformed, and a run's values once for each thread that takes rows of its own through the program.
  fileprivate init(of whole: Graph, options: ProgramOptions, threads: Int) {
    let split = BatchSplit(of: whole, options: options, threads: threads)
    let graph = split?.graph ?? whole
    let precision = PrecisionPlan(
      for: graph, precision: options.precision, purpose: options.purpose, on: Engine.instructions)
    let views = TransposeViews(of: graph, precision: precision)
    let chains = ElementwiseChains(of: graph, precision: precision)
    let growing = GrowingTensors(of: graph, precision: precision)
    let run = GraphCompiler.memoryPlan(for: graph, precision, views, growing, chains).byteCount
    let portions = split.map { ((whole.batchSize ?? 0) + $0.rows - 1) / $0.rows } ?? 1
    var packed: [Value: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for (position, input) in node.inputs.enumerated() {
        let origin = graph.origin(of: input)
        guard let constant = graph.constantOperation(origin) else { continue }
        var byteCount = constant.tensor.byteCount
        if position == 1, constant.tensor.dataType == .float32 {
          if precision.productType(of: index) == .bfloat16 {
            byteCount /= 2
          } else if options.purpose == .throughput, case .convolution(let convolution) = node.operation {
            byteCount =
              convolution.winogradByteCount(
                image: graph.lengths(of: node.inputs[0]), result: graph.lengths(of: Value(node: index)))
              ?? byteCount
          }
          if case .matrixMultiply = node.operation {
            byteCount = Self.packedByteCount(of: constant.tensor, byteCount)
          }
        }
        packed[origin] = max(packed[origin] ?? 0, byteCount)
      }
    }
    self.init(keptByteCount: packed.values.reduce(0, +), runByteCount: run * min(threads, portions))
  }

  /// Columns are packed by whole vectors.
  private static func packedByteCount(of matrix: Tensor, _ byteCount: Int) -> Int {
    let columns = max(matrix.shape.last ?? 1, 1)
    let vector = Engine.instructions < .avx512 ? 8 : 16
    return byteCount / columns * ((columns + vector - 1) / vector * vector)
  }
}

extension Graph {
  /// Every length must be known, as kernels are made for shapes, and a tensor's bytes must be countable.
  fileprivate func checkLengths() throws(KerasError) {
    for node in nodes {
      for spec in node.outputs {
        guard let lengths = spec.shape.known, let count = checkedElementCount(lengths), count < 1 << 56 else {
          throw KerasError(
            .unsupported, "The onednn backend prepares programs for known shapes, found \(spec).",
            path: [node.name],
            remedy: "give the graph's inputs all their lengths, the batch size too.")
        }
      }
    }
  }
}

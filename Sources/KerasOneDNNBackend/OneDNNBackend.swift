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

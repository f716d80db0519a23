import KerasGraph

/// The fast backend: oneDNN's primitives, and kernels of our own where those are better.
///
/// - Activations are stored channels-last throughout; weights in whatever layout their kernel asks for,
///   packed once, with the epilogue's scale multiplied in.
/// - `precision: .bfloat16` stores weights and activations in half the bytes; inputs, results and what
///   leads into a softmax stay float32. A CPU without AVX512-BF16 computes in float32, and the plan says so.
/// - `purpose: .throughput` lets 3×3 convolutions with stride 1 use Winograd's algorithm in float32.
public struct OneDNNBackend: Backend {
  public init() {}

  public var name: String { "onednn" }

  public func prepare(_ graph: Graph, options: ProgramOptions = ProgramOptions()) throws(KerasError) -> any Program {
    try Library.load()
    let threads = try Threads.number(for: options.threads)
    // Primitives are compiled for a number of threads.
    let compiled = try Threads.using(threads) { () throws(KerasError) in
      var compiler = try GraphCompiler(graph, options: options, threads: threads)
      return try compiler.compile()
    }
    return try OneDNNProgram(compiled, threads: threads)
  }
}

import KerasGraph
import KerasPlainKernels

/// The plain backend: OpenBLAS' matrix product and the readable loops of `KerasPlainKernels`.
///
/// It defines what is right; the fast backend is tested against it. Tensors are kept as the graph describes
/// them, row-major and channels-last; nothing is packed.
///
/// - Types: every one that the graph's operations take; float16 and bfloat16 are calculated with as float32.
/// - Threads: only the matrix product uses several, for parts whose sizes do not depend on how many there are.
public struct OpenBLASBackend: Backend {
  public init() {}

  public var name: String { "openblas" }

  public var evaluator: (any ConstantEvaluator)? { PlainEvaluator() }

  public func makeStates(_ initial: [Tensor]) throws(KerasError) -> any StateStore {
    HostStates(initial)
  }

  /// Programs read the model's weights where they stand: their own are those that passes made of them.
  public func memory(of graph: Graph, options: ProgramOptions) throws(KerasError) -> ProgramMemory {
    let computed = graph.nodes.indices.compactMap { graph.constantOperation(Value(node: $0)) }
      .filter(\.identity.isComputed)
    return ProgramMemory(
      keptByteCount: computed.reduce(0) { $0 + $1.tensor.byteCount },
      runByteCount: try OpenBLASProgram(graph).runByteCount)
  }

  public func prepare(_ graph: Graph, options: ProgramOptions) throws(KerasError) -> any Program {
    guard options.precision != .bfloat16 else {
      throw KerasError(
        .unsupported, "The openblas backend computes in float32, not in \(options.precision.rawValue).",
        remedy: "use --backend onednn.")
    }
    if let threads = options.threads, !(1...1024).contains(threads) {
      throw KerasError(.invalidArgument, "Expected 1 to 1024 threads, found \(threads).")
    }
    return try OpenBLASProgram(graph, threads: options.threads)
  }
}

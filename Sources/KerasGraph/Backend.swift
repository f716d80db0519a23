/// Computes graphs. Layouts, kernels and memory are its own affair.
public protocol Backend: Sendable {
  /// How it is called in `--backend`, `KERAS_BACKEND` and `keras.json`.
  var name: String { get }

  /// Chooses kernels, plans memory, packs weights. Slow, once. What computes a graph as it was recorded calls
  /// ``prepare(optimizing:options:)`` instead.
  ///
  /// - Throws: `unsupported` for what this backend cannot compute, naming the node.
  func prepare(_ graph: Graph, options: ProgramOptions) throws(KerasError) -> any Program

  /// What a program of `graph` will take, without preparing one: no weight is read or packed.
  func memory(of graph: Graph, options: ProgramOptions) throws(KerasError) -> ProgramMemory

  /// Memory for states where this backend computes, which sessions of its programs then update.
  func makeStates(_ initial: [Tensor]) throws(KerasError) -> any StateStore

  /// Computes what follows from constants alone while a graph is made ready; nil leaves that to each run.
  var evaluator: (any ConstantEvaluator)? { get }
}

extension Backend {
  public var evaluator: (any ConstantEvaluator)? { nil }

  /// For a backend that copies constants, and keeps all values as the graph has them.
  public func memory(of graph: Graph, options: ProgramOptions) throws(KerasError) -> ProgramMemory {
    let plan = MemoryPlan(for: graph, byteCount: { graph.byteCount(of: $0) ?? 0 })
    return ProgramMemory(keptByteCount: graph.constantByteCount, runByteCount: plan.byteCount)
  }

  /// What a graph goes through before this backend prepares a program.
  public var pipeline: PassPipeline { .standard(evaluator: evaluator) }

  /// Makes a graph ready to run: the passes, then the backend. Whatever computes goes through here.
  ///
  /// - Returns: the program, and the graph it computes, which is what the passes leave.
  /// - Throws: what the passes throw, and ``prepare(_:options:)``.
  public func prepare(
    optimizing graph: Graph, options: ProgramOptions = ProgramOptions()
  ) throws(KerasError) -> (program: any Program, graph: Graph) {
    let optimized = try pipeline.apply(to: graph)
    return (try prepare(optimized, options: options), optimized)
  }
}

/// The memory a prepared program takes.
public struct ProgramMemory: Hashable, Sendable {
  /// Numbers that the program keeps for itself: packed weights, which the model's own come on top of.
  public let keptByteCount: Int
  /// What one run computes on its way, where values that never meet share memory.
  public let runByteCount: Int

  public init(keptByteCount: Int, runByteCount: Int) {
    self.keptByteCount = keptByteCount
    self.runByteCount = runByteCount
  }
}

/// A graph made ready to run, immutable: safe to run from several threads at once.
public protocol Program: Sendable {
  /// Runs on tensors of exactly the specs of the graph's inputs, its states too, and returns all outputs, the
  /// states' updates too. Where states go from run to run, a session spares copying them.
  ///
  /// - Throws: `shapeMismatch` when an input does not fit.
  func run(_ inputs: [Tensor]) throws(KerasError) -> [Tensor]

  /// The program on states that live in `store`, which the program's own backend made.
  ///
  /// - Parameter positions: where each of the graph's states is found there; nil for the same order.
  /// - Throws: `invalidArgument` for another backend's store, a wrong number of positions, one that is not there, or
  ///   one that is given to two states and updated; `shapeMismatch` for a state of another shape or type.
  func makeSession(on store: any StateStore, at positions: [Int]?) throws(KerasError) -> any ProgramSession

  /// What was prepared, for people: one line a kernel.
  var plan: [String] { get }

  /// What a run does, one kernel after the other; empty where a backend does not say.
  var steps: [ProgramStep] { get }

  /// Runs as ``run(_:)`` does, with a clock around each of the ``steps``. ``profile(_:repeats:)`` asks for it.
  ///
  /// - Returns: the outputs, and the seconds of each step.
  /// - Throws: `unsupported` where a backend does not measure; what ``run(_:)`` throws.
  func timedRun(_ inputs: [Tensor]) throws(KerasError) -> (outputs: [Tensor], seconds: [Double])
}

extension Program {
  public var steps: [ProgramStep] { [] }

  public func timedRun(_ inputs: [Tensor]) throws(KerasError) -> (outputs: [Tensor], seconds: [Double]) {
    throw KerasError(.unsupported, "This backend does not measure its kernels.")
  }

  /// The program on states that stand in `store` in the graph's order.
  public func makeSession(on store: any StateStore) throws(KerasError) -> any ProgramSession {
    try makeSession(on: store, at: nil)
  }
}

/// How a program trades precision, preparation and speed.
public struct ProgramOptions: Hashable, Sendable {
  public var precision: Precision
  public var purpose: Purpose
  /// Threads for one run; nil means one per core.
  public var threads: Int?
  /// Whether a device that could add up in another order at each run must not. CPUs never do.
  public var isDeterministic: Bool

  public init(
    precision: Precision = .float32, purpose: Purpose = .firstAnswer, threads: Int? = nil,
    isDeterministic: Bool = false
  ) {
    self.precision = precision
    self.purpose = purpose
    self.threads = threads
    self.isDeterministic = isDeterministic
  }
}

/// What float32 weights and activations of a graph may be stored and multiplied as; sums are always kept in float32.
/// Types that the graph itself makes bfloat16, as those of `mixed_bfloat16` layers, are so with any precision.
public enum Precision: String, Hashable, Sendable, CaseIterable {
  case float32
  /// Stored as float32; factors may be rounded to 10 bits of fraction, as NVIDIA's matrix units (TF32) take them. What
  /// does not have such units, as every CPU, computes in float32.
  case tensorFloat32 = "tensorfloat32"
  /// Half the memory traffic, and matrix units where the CPU has them (AMX, AVX512-BF16); about three
  /// significant decimal digits.
  case bfloat16
}

/// What a program is prepared for.
public enum Purpose: String, Hashable, Sendable, CaseIterable {
  /// Ready soon: weights are packed in milliseconds.
  case firstAnswer
  /// Many predictions: slower to prepare, up to a second, and faster to run. 3 × 3 kernels transformed for
  /// Winograd's algorithm take four times their bytes.
  case throughput
}

/// Checks the tensors given to a program against its graph's inputs.
package func checkInputs(_ tensors: [Tensor], for graph: Graph) throws(KerasError) {
  try checkInputs(tensors, graph.inputs.map(graph.spec(of:)))
}

/// Checks tensors given to a program against what it expects.
///
/// - Parameter what: the tensors are, one of them.
package func checkInputs(
  _ tensors: [Tensor], _ specs: [TensorSpec], called what: String = "input"
) throws(KerasError) {
  guard tensors.count == specs.count else {
    let expected = specs.count == 1 ? "1 \(what) tensor" : "\(specs.count) \(what) tensors"
    throw KerasError(.shapeMismatch, "Expected \(expected), found \(tensors.count).")
  }
  for (position, (tensor, spec)) in zip(tensors, specs).enumerated() {
    guard spec.dataType == tensor.dataType, spec.shape.accepts(tensor.shape) else {
      throw KerasError(
        .shapeMismatch, "Expected \(spec), found \(tensor.spec).", path: ["\(what) \(position)"])
    }
  }
}

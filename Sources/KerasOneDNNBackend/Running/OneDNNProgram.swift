import KerasGraph
import KerasKernels
import Synchronization

/// A graph compiled to a list of kernels.
///
/// The list, the packed weights and the layout of the arena never change. What a run writes belongs to a
/// ``RunContext``; idle ones are kept, so that memory stays flat however often a program runs, and threads
/// that run it at once each have their own.
final class OneDNNProgram: Program {
  let plan: [String]
  /// A graph of the inputs alone.
  private let signature: Graph
  private let kernels: [Kernel]
  private let layout: (arena: Int, scratch: Int)
  private let results: [ProgramResult]
  private let threads: Int
  private let idleContexts = Mutex(IdleContexts())

  init(_ compiled: CompiledGraph, threads: Int) throws(KerasError) {
    signature = compiled.signature
    kernels = compiled.kernels
    layout = (compiled.arenaByteCount, compiled.scratchByteCount)
    results = compiled.results
    plan = compiled.plan
    self.threads = threads
  }

  func run(_ inputs: [Tensor]) throws(KerasError) -> [Tensor] {
    try checkInputs(inputs, for: signature)
    let context = try takeContext()
    defer { idleContexts.withLock { $0.put(context) } }
    return try Threads.using(threads) { () throws(KerasError) in
      try context.run(inputs)
      return results.map { context.read($0, inputs: inputs) }
    }
  }

  private func takeContext() throws(KerasError) -> RunContext {
    if let idle = idleContexts.withLock({ $0.take() }) { return idle }
    return try RunContext(kernels, layout: layout)
  }
}

/// The contexts nobody is using, for one thread after the other.
private struct IdleContexts: ~Copyable, @unchecked Sendable {
  private var contexts: [RunContext] = []
  /// Enough for as many threads as can really run at once.
  private let limit = Threads.available

  mutating func take() -> RunContext? { contexts.popLast() }

  mutating func put(_ context: RunContext) {
    if contexts.count < limit { contexts.append(context) }
  }
}

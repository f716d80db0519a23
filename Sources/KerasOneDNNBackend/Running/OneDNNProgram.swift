import KerasGraph
import KerasKernels
import KerasPlainKernels
import Synchronization

/// A graph compiled to a list of kernels.
///
/// The list, the packed weights and the layout of the arena never change. What a run writes belongs to a
/// ``RunContext``; idle ones are kept, so that memory stays flat however often a program runs, and threads
/// that run it at once each have their own.
final class OneDNNProgram: HostProgram {
  let plan: [String]
  let interface: ProgramInterface
  private let compiled: CompiledGraph
  private let threads: Int
  /// How the rows of a batch are handed out, when each thread computes some of them.
  private let portions: Portions?
  private let idleContexts = Mutex(IdleContexts())

  /// - Parameters:
  ///   - graph: what a run computes.
  ///   - portions: given when `compiled` computes only some rows of it.
  init(_ compiled: CompiledGraph, of graph: Graph, threads: Int, portions: Portions? = nil) {
    interface = ProgramInterface(of: graph, stateUpdates: compiled.stateUpdates)
    self.compiled = compiled
    self.threads = threads
    self.portions = portions
    let note = portions.map { ["Each thread computes \($0.rows) of \($0.batch) rows at once."] } ?? []
    plan = note + compiled.plan
  }

  var heldConstants: [HeldConstant] {
    compiled.places.compactMap { place in
      guard case .constant(let memory) = place else { return nil }
      return HeldConstant(owner: memory, address: memory.address, byteCount: memory.byteCount)
    }
  }

  var steps: [ProgramStep] {
    compiled.kernels.map { kernel in
      var step = kernel.step
      step.runCount = portions?.count ?? 1
      return step
    }
  }

  func run(_ memory: RunMemory, timer: StepTimer?, overwriting: () -> Void) throws(KerasError) {
    if let portions { return try runPortions(portions, memory, timer) }
    try Threads.using(threads) { () throws(KerasError) in
      try run(memory, rows: { 0..<$0.rowCount }, timer: timer, overwriting: overwriting)
    }
  }

  /// One run of the kernels; `rows` says which rows of a result are wanted.
  private func run(
    _ memory: RunMemory, rows: (ProgramResult) -> Range<Int>, timer: StepTimer?, overwriting: () -> Void
  ) throws(KerasError) {
    let context = try takeContext()
    defer { idleContexts.withLock { $0.put(context) } }
    try context.run(
      memory, timer: timer, firstOverwriting: compiled.firstOverwriting, overwriting: overwriting)
    for (result, target) in zip(compiled.results, memory.outputs) {
      context.copy(result, rows: rows(result), of: memory, to: target)
    }
    for (state, result) in compiled.copiedUpdates {
      context.copy(result, rows: 0..<result.rowCount, of: memory, to: memory.updates[state])
    }
  }

  private func takeContext() throws(KerasError) -> RunContext {
    if let idle = idleContexts.withLock({ $0.take() }) { return idle }
    return try RunContext(
      compiled.kernels, arenaByteCount: compiled.arenaByteCount, scratchByteCount: compiled.scratchByteCount)
  }

  // MARK: Portions of a batch

  struct Portions: Sendable {
    let rows: Int
    let batch: Int

    var count: Int { (batch + rows - 1) / rows }
  }

  private func runPortions(
    _ portions: Portions, _ memory: RunMemory, _ timer: StepTimer?
  ) throws(KerasError) {
    timer?.countRuns(sideBySide: min(threads, portions.count))
    let inputRowBytes = interface.inputs.map {
      elementCountOf(Array($0.lengths.dropFirst())) * $0.dataType.byteCount
    }
    let resultRowBytes = compiled.results.map { $0.rowLength * $0.dataType.byteCount }
    let failure = Mutex<KerasError?>(nil)
    try Threads.using(threads) { () throws(KerasError) in
      Threads.parallel(portions.count) { number in
        // The last portion begins early enough to be full, and gives only the rows that are new.
        let start = min(number * portions.rows, portions.batch - portions.rows)
        let firstNew = number * portions.rows
        do throws(KerasError) {
          try run(
            RunMemory(
              inputs: zip(memory.inputs, inputRowBytes).map { $0 + start * $1 },
              outputs: zip(memory.outputs, resultRowBytes).map { $0 + firstNew * $1 }),
            rows: { _ in (firstNew - start)..<portions.rows }, timer: timer, overwriting: {})
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
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

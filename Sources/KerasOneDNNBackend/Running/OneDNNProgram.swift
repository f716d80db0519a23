import KerasGraph
import KerasKernels
import KerasPlainKernels
import Synchronization

/// A graph compiled to a list of kernels.
///
/// The list, the packed weights and the layout of the arena never change. What a run writes belongs to a
/// ``RunContext``; idle ones are kept, so that memory stays flat however often a program runs, and threads
/// that run it at once each have their own.
final class OneDNNProgram: Program, MemoryProgram {
  let plan: [String]
  /// A graph of the inputs alone.
  private let signature: Graph
  private let compiled: CompiledGraph
  private let threads: Int
  /// How the rows of a batch are handed out, when each thread computes some of them.
  private let portions: Portions?
  private let idleContexts = Mutex(IdleContexts())

  /// - Parameters:
  ///   - signature: a graph with the inputs of a run.
  ///   - portions: given when `compiled` computes only some rows of these.
  init(_ compiled: CompiledGraph, signature: Graph, threads: Int, portions: Portions? = nil) {
    self.signature = signature
    self.compiled = compiled
    self.threads = threads
    self.portions = portions
    let note = portions.map { ["Each thread computes \($0.rows) of \($0.batch) rows at once."] } ?? []
    plan = note + compiled.plan
  }

  func run(_ inputs: [Tensor]) throws(KerasError) -> [Tensor] {
    try checkInputs(inputs, for: signature)
    defer { withExtendedLifetime(inputs) {} }
    let sources = inputs.map(\.address)
    var targets: [UnsafeMutableRawPointer] = []
    let results = compiled.results.map { result in
      var lengths = result.lengths
      if let portions { lengths[0] = portions.batch }
      return Tensor(uninitialized: lengths, result.dataType) {
        targets.append($0.baseAddress ?? emptyAddress)
      }
    }
    if let portions {
      try runPortions(portions, from: sources, to: targets)
    } else {
      try Threads.using(threads) { () throws(KerasError) in
        try run(from: sources, to: targets) { 0..<$0.rowCount }
      }
    }
    return results
  }

  /// One run of the kernels; `rows` says which rows of a result are wanted.
  private func run(
    from sources: [UnsafeMutableRawPointer], to targets: [UnsafeMutableRawPointer],
    rows: (ProgramResult) -> Range<Int>
  ) throws(KerasError) {
    let context = try takeContext()
    defer { idleContexts.withLock { $0.put(context) } }
    try context.run(sources)
    for (result, target) in zip(compiled.results, targets) {
      context.copy(result, rows: rows(result), inputs: sources, to: target)
    }
  }

  private func takeContext() throws(KerasError) -> RunContext {
    if let idle = idleContexts.withLock({ $0.take() }) { return idle }
    return try RunContext(
      compiled.kernels, arenaByteCount: compiled.arenaByteCount, scratchByteCount: compiled.scratchByteCount)
  }

  /// The same for memory instead of tensors; a scan's body is never divided into portions.
  func run(
    from inputs: [UnsafeMutableRawPointer], to outputs: [UnsafeMutableRawPointer]
  ) throws(KerasError) {
    try run(from: inputs, to: outputs) { 0..<$0.rowCount }
  }

  // MARK: Portions of a batch

  struct Portions: Sendable {
    let rows: Int
    let batch: Int

    var count: Int { (batch + rows - 1) / rows }
  }

  private func runPortions(
    _ portions: Portions, from sources: [UnsafeMutableRawPointer], to targets: [UnsafeMutableRawPointer]
  ) throws(KerasError) {
    let inputRowBytes = signature.inputs.map { value in
      signature.lengths(of: value).dropFirst().reduce(1, *) * signature.spec(of: value).dataType.byteCount
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
            from: zip(sources, inputRowBytes).map { $0 + start * $1 },
            to: zip(targets, resultRowBytes).map { $0 + firstNew * $1 },
            rows: { _ in (firstNew - start)..<portions.rows })
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

extension Tensor {
  /// Where the elements begin. Read only; valid while the tensor is alive.
  fileprivate var address: UnsafeMutableRawPointer {
    withUnsafeBytes { bytes in
      bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) } ?? emptyAddress
    }
  }
}

/// An address for tensors without elements, which nobody reads.
nonisolated(unsafe) private let emptyAddress = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)

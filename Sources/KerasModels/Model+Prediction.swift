import Glibc
import KerasGraph
import Synchronization

/// Where and how a model computes.
public struct ComputeOptions: Hashable, Sendable {
  /// `onednn` or `openblas`; nil for the configured one.
  public var backend: String?
  public var precision: Precision
  public var purpose: Purpose
  /// Threads for one prediction; nil means one per core.
  public var threads: Int?

  public init(
    backend: String? = nil, precision: Precision = .float32, purpose: Purpose = .firstAnswer,
    threads: Int? = nil
  ) {
    self.backend = backend
    self.precision = precision
    self.purpose = purpose
    self.threads = threads
  }
}

extension Model {
  /// The outputs for many inputs, computed `batchSize` at a time.
  ///
  /// - Parameter x: `[count, …]`, of the model's input shape behind the first axis.
  /// - Returns: `[count, …]`, the first output.
  /// - Throws: `shapeMismatch` when `x` does not fit, and what the backend throws.
  public func predict(
    _ x: Tensor, batchSize: Int = 32, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> Tensor {
    try predict([x], batchSize: batchSize, options: options)[0]
  }

  /// The same for several inputs and outputs. All inputs have the same first length.
  public func predict(
    _ x: [Tensor], batchSize: Int = 32, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> [Tensor] {
    let count = try checkedCount(x)
    guard batchSize > 0 else {
      throw KerasError(.invalidArgument, "A batch holds at least one sample, found batch size \(batchSize).")
    }
    guard count > 0 else { return try emptyResults(for: x) }
    if let warning = inputWarning(for: x) { Warnings.report(warning) }
    guard count > batchSize else { return try run(x, options: options) }
    var parts: [[Tensor]] = []
    for start in stride(from: 0, to: count, by: batchSize) {
      let end = min(start + batchSize, count)
      var batch: [Tensor] = []
      for tensor in x { batch.append(try tensor.rows(start..<end).padded(toRows: batchSize)) }
      var results = try run(batch, options: options)
      // The last batch is filled up with zeros rather than prepared for anew.
      if end - start < batchSize {
        for index in results.indices { results[index] = try results[index].rows(0..<end - start) }
      }
      parts.append(results)
    }
    return (parts.first ?? []).indices.map { output in Tensor(joiningRowsOf: parts.map { $0[output] }) }
  }

  /// The outputs for one batch, computed in one go.
  public func predictOnBatch(
    _ x: [Tensor], options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> [Tensor] {
    guard try checkedCount(x) > 0 else { return try emptyResults(for: x) }
    if let warning = inputWarning(for: x) { Warnings.report(warning) }
    return try run(x, options: options)
  }

  private func run(_ x: [Tensor], options: ComputeOptions) throws(KerasError) -> [Tensor] {
    let prepared = try prepared(for: x.map(\.spec), options: options)
    let results = try prepared.program.run(x + prepared.states.map(\.value))
    for (variable, value) in zip(prepared.updates, results.dropFirst(prepared.outputCount)) {
      try variable.assign(value)
    }
    return Array(results.prefix(prepared.outputCount))
  }

  /// Prepares for inputs of these shapes, so that the first prediction is as fast as the others.
  ///
  /// - Returns: the program, one for each combination of shapes and options; the last few are kept. Of a model with
  ///   states that outlive a batch, these are its last inputs and outputs.
  @discardableResult
  public func program(
    for inputShapes: [[Int]], options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> any Program {
    try prepared(for: specs(for: inputShapes), options: options).program
  }

  private func prepared(
    for specs: [TensorSpec], options: ComputeOptions
  ) throws(KerasError) -> PreparedModel {
    let backend = try Backends.backend(named: options.backend)
    var key = ProgramCache.Key(inputs: specs, options: options)
    key.options.backend = backend.name
    return try programs.program(for: key, weights: weights) { () throws(KerasError) in
      let lowered = try lowering(for: specs)
      let program = try backend.prepare(
        PassPipeline.inference.apply(to: lowered.graph),
        options: ProgramOptions(
          precision: options.precision, purpose: options.purpose, threads: options.threads))
      return PreparedModel(
        program: program, states: lowered.parameters, updates: lowered.updates, outputCount: lowered.outputCount)
    }
  }

  /// The model as a graph of operations on inputs of these shapes, as the layers wrote it.
  public func lowered(for inputShapes: [[Int]]) throws(KerasError) -> Graph {
    try lowering(for: specs(for: inputShapes)).graph
  }

  private func specs(for inputShapes: [[Int]]) throws(KerasError) -> [TensorSpec] {
    guard inputs.isEmpty || inputShapes.count == inputs.count else {
      throw KerasError(
        .invalidArgument, "Expected \(inputs.count) input shapes, found \(inputShapes.count).", path: [name])
    }
    for shape in inputShapes where checkedElementCount(shape) == nil {
      throw KerasError(.invalidArgument, "No tensor has the shape \(Shape(shape)).", path: [name])
    }
    return inputShapes.indices.map {
      TensorSpec(inputShapes[$0], inputs.isEmpty ? .float32 : inputs[$0].dataType)
    }
  }

  /// Records the computation for prediction: weights are constants, states are inputs behind the model's own.
  package func lowering(for specs: [TensorSpec]) throws(KerasError) -> LoweredModel {
    try checkMemoryForWeights()
    let builder = GraphBuilder()
    let context = CallContext(graph: builder, mode: .constants)
    let values = specs.enumerated().map { position, spec in
      builder.input(spec, name: inputs.indices.contains(position) ? inputs[position].origin?.layer.name ?? "" : "")
    }
    let results = try context.apply(self, to: values).outputs
    return LoweredModel(
      graph: builder.finish(returning: results + context.updates.map(\.value)),
      parameters: context.parameters.map(\.variable), updates: context.updates.map(\.variable),
      outputCount: results.count)
  }

  /// Initial weights are made when first asked for; a file may ask for more of them than any machine holds.
  private func checkMemoryForWeights() throws(KerasError) {
    let needed = saturatedSum(
      weights.lazy.filter { !$0.hasValue }.map { $0.elementCount * $0.dataType.byteCount })
    guard needed > 1 << 30 else { return }
    let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    guard needed <= memory else {
      throw KerasError(
        .invalidArgument,
        "The weights need \(readableSize(needed)) of memory, and this machine has \(readableSize(memory)).",
        path: [name])
    }
  }

  /// Outputs of no sample, computed by nobody. (Keras fails here; a folder without pictures is no error of ours.)
  private func emptyResults(for x: [Tensor]) throws(KerasError) -> [Tensor] {
    let lowered = try lowering(for: x.map(\.spec))
    let graph = lowered.graph
    return graph.outputs.prefix(lowered.outputCount).map { Tensor(zeros: graph.shape(of: $0).known ?? [0], graph.spec(of: $0).dataType) }
  }

  private func checkedCount(_ x: [Tensor]) throws(KerasError) -> Int {
    guard inputs.isEmpty ? !x.isEmpty : x.count == inputs.count else {
      throw KerasError(
        .shapeMismatch, "Expected \(inputs.count) input tensors, found \(x.count).", path: [name])
    }
    for (tensor, input) in zip(x, inputs) {
      guard input.shape.accepts(tensor.shape), input.dataType == tensor.dataType, tensor.rank > 0 else {
        throw KerasError(
          .shapeMismatch, "Expected \(input.spec), found \(tensor.spec).",
          path: [name, input.origin?.layer.name ?? "input"],
          remedy: "the first axis is the batch: a single image is [1, height, width, channels].")
      }
    }
    guard x.allSatisfy({ $0.rank > 0 }) else {
      throw KerasError(.shapeMismatch, "Inputs need a batch axis, found \(x.map(\.spec)).", path: [name])
    }
    let counts = Set(x.map { $0.shape[0] })
    guard counts.count == 1, let count = counts.first else {
      throw KerasError(
        .shapeMismatch, "All inputs must have the same first length, found \(counts.sorted()).", path: [name])
    }
    return count
  }
}

/// A model as a graph of operations.
package struct LoweredModel {
  package let graph: Graph
  /// The inputs of the graph behind the model's own.
  package let parameters: [Variable]
  /// What the outputs behind the model's own are to be assigned to.
  package let updates: [Variable]
  package let outputCount: Int
}

/// A model ready to run.
struct PreparedModel: Sendable {
  let program: any Program
  let states: [Variable]
  let updates: [Variable]
  let outputCount: Int
}

/// The programs a model has been prepared as; the last few are kept.
final class ProgramCache: Sendable {
  struct Key: Hashable, Sendable {
    var inputs: [TensorSpec]
    var options: ComputeOptions
  }
  private struct State: Sendable {
    /// Most recently used last.
    var entries: [(key: Key, program: PreparedModel)] = []
    /// When it was last seen that no entry is stale, by ``Variable/now``.
    var checked = 0
  }
  private static let capacity = 4
  private let state = Mutex(State())

  /// - Parameters:
  ///   - weights: asked for only when some variable of the process has been assigned since the last time.
  func program(
    for key: Key, weights: @autoclosure () -> [Variable], prepare: () throws(KerasError) -> PreparedModel
  ) throws(KerasError) -> PreparedModel {
    // Held while preparing, so that two threads with the same wish pack the weights once.
    try state.withLock { (state) throws(KerasError) in
      let now = Variable.now
      if now != state.checked {
        // States are inputs of a program, not part of it.
        if weights().contains(where: { $0.lastAssignment > state.checked }) { state.entries = [] }
        state.checked = now
      }
      if let index = state.entries.firstIndex(where: { $0.key == key }) {
        let entry = state.entries.remove(at: index)
        state.entries.append(entry)
        return entry.program
      }
      if state.entries.count == Self.capacity { state.entries.removeFirst() }
      let program = try prepare()
      state.entries.append((key, program))
      return program
    }
  }
}

extension Tensor {
  /// The same rows followed by rows of zeros.
  fileprivate func padded(toRows count: Int) -> Tensor {
    guard shape[0] < count else { return self }
    return Tensor(uninitialized: [count] + shape.dropFirst(), dataType) { bytes in
      withUnsafeBytes { bytes.copyMemory(from: $0) }
      UnsafeMutableRawBufferPointer(rebasing: bytes[byteCount...]).initializeMemory(
        as: UInt8.self, repeating: 0)
    }
  }

  /// Tensors that differ in their first length only, one after the other.
  fileprivate init(joiningRowsOf parts: [Tensor]) {
    let shape = [parts.reduce(0) { $0 + $1.shape[0] }] + parts[0].shape.dropFirst()
    self.init(uninitialized: shape, parts[0].dataType) { bytes in
      var offset = 0
      for part in parts {
        part.withUnsafeBytes {
          UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyMemory(from: $0)
        }
        offset += part.byteCount
      }
    }
  }
}

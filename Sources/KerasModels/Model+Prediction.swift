import Glibc
import KerasGraph

extension Model {
  /// The outputs for many inputs, computed `batchSize` at a time.
  ///
  /// As in Keras, inputs of another element type are converted to the model's, and the last batch holds what is left:
  /// where operations mix the samples of a batch, its size matters. A model whose input fixes the batch size computes
  /// batches of that size, whatever `batchSize` says.
  ///
  /// - Parameter x: `[count, …]`, of the model's input shape behind the first axis.
  /// - Returns: `[count, …]`, the first output.
  /// - Throws: `shapeMismatch` when `x` does not fit, or its count is no multiple of a fixed batch size; what the
  ///   backend throws.
  public func predict(
    _ x: Tensor, batchSize: Int = 32, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> Tensor {
    try predict([x], batchSize: batchSize, options: options)[0]
  }

  /// The same for several inputs and outputs. All inputs have the same first length.
  public func predict(
    _ x: [Tensor], batchSize: Int = 32, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> [Tensor] {
    let (x, count) = try fitted(x, ofAnyCount: true)
    guard batchSize > 0 else {
      throw KerasError(.invalidArgument, "A batch holds at least one sample, found batch size \(batchSize).")
    }
    let size = fixedBatchSize ?? batchSize
    if let fixed = fixedBatchSize, fixed == 0 || count % fixed != 0 {
      throw KerasError(
        .shapeMismatch,
        "The model computes batches of exactly \(fixed) samples, and \(count) are no multiple of that.",
        path: [name], remedy: "leave some out, or repeat some and drop their results.")
    }
    guard count > 0 else { return try emptyResults(for: x) }
    if let warning = inputWarning(for: x) { Warnings.report(warning) }
    guard count > size else { return try run(x, options: options) }
    let whole = try prepared(for: x.map { $0.spec.withRows(size) }, options: options)
    var parts: [[Tensor]] = []
    for start in stride(from: 0, to: count, by: size) {
      let rows = start..<min(start + size, count)
      var batch: [Tensor] = []
      for tensor in x { batch.append(try tensor.rows(rows)) }
      // Filled up with zeros rather than prepared for anew, where nobody sees them.
      let isFilledUp = rows.count < size && whole.keepsRowsApart
      if isFilledUp { batch = batch.map { $0.padded(toRows: size) } }
      var results = try run(batch, options: options)
      if isFilledUp {
        for index in results.indices { results[index] = try results[index].rows(0..<rows.count) }
      }
      parts.append(results)
    }
    var joined: [Tensor] = []
    for output in (parts.first ?? []).indices {
      joined.append(
        try within(name) { () throws(KerasError) in try Tensor(joiningRowsOf: parts.map { $0[output] }) })
    }
    return joined
  }

  /// The outputs for one batch, computed in one go.
  public func predictOnBatch(
    _ x: [Tensor], options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> [Tensor] {
    let (x, count) = try fitted(x)
    guard count > 0 else { return try emptyResults(for: x) }
    if let warning = inputWarning(for: x) { Warnings.report(warning) }
    return try run(x, options: options)
  }

  private func run(_ x: [Tensor], options: ComputeOptions) throws(KerasError) -> [Tensor] {
    let prepared = try prepared(for: x.map(\.spec), options: options)
    if let session = prepared.session { return try session.step(x) }
    return try prepared.program.run(x)
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
    var key = ProgramCache.Key(inputs: specs, options: options)
    key.options = try options.resolved()
    return try programs.program(for: key, of: self) { () throws(KerasError) in
      let lowered = try lowering(for: specs)
      let (program, graph) = try options.prepare(lowered.graph)
      // States stay where the program finds them from batch to batch.
      let session =
        try lowered.states.isEmpty
        ? nil
        : ResidentStates(on: options.chosenBackend()).session(
          of: program, variables: lowered.states, updated: lowered.graph.states.map { $0.input != $0.update })
      return PreparedModel(
        program: program, session: session,
        keepsRowsApart: lowered.states.isEmpty && graph.forBatch(of: 1) != nil)
    }
  }

  /// Prepares for predicting on these inputs again and again: they are copied once to where the backend computes, and
  /// stay there. For measuring what computing alone takes.
  ///
  /// - Returns: a session whose steps take no inputs and give the model's outputs.
  package func residentSession(
    on x: [Tensor], options: ComputeOptions
  ) throws(KerasError) -> any ProgramSession {
    let lowered = try lowering(for: x.map(\.spec))
    let program = try options.prepare(lowered.graph.keepingInputs()).program
    return try program.makeSession(
      on: options.chosenBackend().makeStates(x + lowered.states.map(\.value)))
  }

  /// The model as a graph of operations on inputs of these shapes, as the layers wrote it.
  public func lowered(for inputShapes: [[Int]]) throws(KerasError) -> Graph {
    try lowering(for: specs(for: inputShapes)).graph
  }

  func specs(for inputShapes: [[Int]]) throws(KerasError) -> [TensorSpec] {
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
  ///
  /// - Parameter mode: where the weights' numbers come from: they are constants.
  package func lowering(
    for specs: [TensorSpec], mode: CallContext.Mode = .constants
  ) throws(KerasError) -> LoweredModel {
    if case .constants = mode { try checkMemoryForWeights() }
    let builder = GraphBuilder()
    let context = CallContext(graph: builder, mode: mode)
    let values = specs.enumerated().map { position, spec in
      builder.input(
        spec, name: inputs.indices.contains(position) ? inputs[position].origin?.layer.name ?? "" : "")
    }
    let results = try wrappingErrors { try predictStep(values, in: context) }
    let states = context.states()
    return LoweredModel(
      graph: try builder.finish(returning: results, states: states.map(\.state)),
      states: states.map(\.variable))
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
    let graph = try lowering(for: x.map(\.spec)).graph
    return graph.outputs.dropLast(graph.stateCount).map {
      Tensor(zeros: graph.shape(of: $0).known ?? [0], graph.spec(of: $0).dataType)
    }
  }
}

/// A model as a graph of operations.
package struct LoweredModel {
  package let graph: Graph
  /// The graph's states.
  package let states: [Variable]
}

extension TensorSpec {
  fileprivate func withRows(_ count: Int) -> TensorSpec {
    var spec = self
    spec.shape[0] = count
    return spec
  }
}

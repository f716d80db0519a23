/// A recurrent cell with fused gates.
public enum RecurrentCell: String, Hashable, Sendable, CaseIterable {
  /// Gates i, f, g, o: `c = f·c + i·g`, `h = o·tanh(c)`. Hochreiter and Schmidhuber (1997), with forget gates.
  case lstm
  /// Gates z, r, g; the reset gate multiplies after the product: `g = tanh(p + r·(h·U + b))`,
  /// `h = z·h + (1 − z)·g`. Cho et al. (2014), in cuDNN's variant.
  case gru

  /// Blocks of `units` columns in the kernels.
  public var gateCount: Int { self == .lstm ? 4 : 3 }
  /// Blocks of `units` columns that a gradient needs of each step: the gates, and of a GRU `h·U + b` of g.
  public var savedCount: Int { 4 }
}

/// A whole recurrent layer behind its input projection, with gates of sigmoid and tanh: one matrix product and one
/// pass over the gates each step.
///
/// - Inputs: projections `[steps, batch, gateCount · units]` (input times kernel plus bias), the state
///   `h [batch, units]`, for an LSTM `c [batch, units]`, the recurrent kernel `[units, gateCount · units]`, for a GRU
///   the recurrent bias `[3 · units]`, and with ``hasMask`` a mask `[steps, batch]` (`bool`; where it is false the
///   states stay).
/// - Outputs: every step's h `[steps, batch, units]`, for an LSTM every step's c, and with ``savesGates`` the gates
///   after their activations `[steps, batch, 4 · units]` (GRU: z, r, g, `h·U + b` of g).
public struct RecurrentOperation: OperationRule {
  public var cell: RecurrentCell
  public var isReversed: Bool
  public var hasMask: Bool
  public var savesGates: Bool

  public init(
    _ cell: RecurrentCell, isReversed: Bool = false, hasMask: Bool = false, savesGates: Bool = false
  ) {
    self.cell = cell
    self.isReversed = isReversed
    self.hasMask = hasMask
    self.savesGates = savesGates
  }

  public var name: String { "recurrent" }
  public var settings: String {
    cell.rawValue + (isReversed ? " reversed" : "") + (hasMask ? " masked" : "")
      + (savesGates ? " gates saved" : "")
  }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    let count = 4 + (hasMask ? 1 : 0)
    try expectInputs(count...count, inputs, name)
    let (projections, state) = (inputs[0], inputs[1])
    let kernel = inputs[cell == .lstm ? 3 : 2].shape
    guard projections.shape.rank == 3, kernel.rank == 2, let units = kernel[0],
      inputs.prefix(4).allSatisfy({ $0.dataType == .float32 }),
      kernel[1] == cell.gateCount * units, projections.shape[2] == cell.gateCount * units,
      state.shape == Shape([projections.shape[1], units]),
      cell == .lstm ? inputs[2] == state : inputs[3].shape == [cell.gateCount * units],
      !hasMask || inputs[4] == TensorSpec(Shape(Array(projections.shape.prefix(2))), .bool)
    else {
      throw KerasError(
        .shapeMismatch,
        "\(cell.rawValue) does not fit the inputs \(inputs.map(\.description).joined(separator: ", ")).")
    }
    let rows = Array(projections.shape.prefix(2))
    let states = TensorSpec(Shape(rows + [units]), .float32)
    return [states] + (cell == .lstm ? [states] : [])
      + (savesGates ? [TensorSpec(Shape(rows + [cell.savedCount * units]), .float32)] : [])
  }

  /// The state times the recurrent kernel, in each step.
  public func multiplyAdds(_ inputs: [TensorSpec], _ outputs: [TensorSpec]) -> Int? {
    guard let projections = inputs[0].shape.known, let units = inputs[1].shape[1] else { return nil }
    return checkedElementCount(projections + [units])
  }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    let graph = point.graph
    let saved = try graph.saveGates(of: point.outputs[0].node)
    let (sequence, state) = (point.outputs[0], point.input(1))
    let kernel = point.input(cell == .lstm ? 3 : 2)
    var inputs = [saved, sequence, state]
    if cell == .lstm { inputs += [point.outputs[1], point.input(2)] }
    inputs.append(kernel)
    inputs.append(try point.upstream[0].orElse(graph.zeros(like: sequence)))
    if cell == .lstm { inputs.append(try point.upstream[1].orElse(graph.zeros(like: sequence))) }
    if hasMask { inputs.append(point.input(4)) }
    let operation = RecurrentGradientOperation(cell, isReversed: isReversed, hasMask: hasMask)
    let results = try graph.append(.recurrentGradient(operation), inputs)
    // What the recurrent product got back; of an LSTM the same as what the projections got.
    let products = cell == .lstm ? results[0] : results[2]
    var answer: [Value?] = [results[0], results[1]]
    if cell == .lstm { answer.append(results[2]) }
    answer.append(
      try point.ifNeeded(cell == .lstm ? 3 : 2) { () throws(KerasError) in
        try kernelGradient(state: state, sequence: sequence, products: products, in: graph)
      })
    if cell == .gru {
      answer.append(
        try point.ifNeeded(3) { () throws(KerasError) in try graph.reduce(.sum, products, axes: [0, 1]) })
    }
    return hasMask ? answer + [nil] : answer
  }

  /// One product for all steps: the states before each, transposed, times what its recurrent product got back.
  private func kernelGradient(
    state: Value, sequence: Value, products: Value, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    let shape = graph.shape(of: sequence)
    guard let steps = shape[0], let batch = shape[1], let units = shape[2] else {
      return graph.placeholder(TensorSpec(Shape([shape[2], shape[2].map { $0 * cell.gateCount }])))
    }
    let first = try graph.reshape(state, to: [1, batch, units])
    let others = try graph.slice(
      sequence, starts: [isReversed ? 1 : 0, 0, 0],
      ends: [isReversed ? steps : max(steps - 1, 0), batch, units])
    let before = try graph.concatenate(isReversed ? [others, first] : [first, others], axis: 0)
    return try graph.matrixMultiply(
      graph.reshape(before, to: [steps * batch, units]),
      graph.reshape(products, to: [steps * batch, cell.gateCount * units]), transposesFirst: true)
  }
}

/// The gradient of a ``RecurrentOperation``, from the last step back to the first.
///
/// - Inputs: saved gates, every step's h, the initial h, for an LSTM every step's c and the initial c, the recurrent
///   kernel, the gradient of every step's h, for an LSTM that of every step's c, and with ``hasMask`` the mask.
/// - Outputs: the gradients of the projections, of the initial h, then for an LSTM of the initial c, for a GRU what
///   the recurrent product (with its bias) got back, `[steps, batch, 3 · units]`.
public struct RecurrentGradientOperation: OperationRule {
  public var cell: RecurrentCell
  public var isReversed: Bool
  public var hasMask: Bool

  public init(_ cell: RecurrentCell, isReversed: Bool = false, hasMask: Bool = false) {
    self.cell = cell
    self.isReversed = isReversed
    self.hasMask = hasMask
  }

  public var name: String { "recurrentGradient" }
  public var settings: String { cell.rawValue + (isReversed ? " reversed" : "") + (hasMask ? " masked" : "") }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    let count = (cell == .lstm ? 8 : 5) + (hasMask ? 1 : 0)
    try expectInputs(count...count, inputs, name)
    let (sequence, state) = (inputs[1], inputs[2])
    guard sequence.shape.rank == 3, let units = sequence.shape[2],
      state.shape == Shape(Array(sequence.shape.dropFirst())),
      inputs[0].shape == Shape(Array(sequence.shape.prefix(2)) + [cell.savedCount * units]),
      inputs.dropLast(hasMask ? 1 : 0).allSatisfy({ $0.dataType == .float32 })
    else {
      throw KerasError(
        .shapeMismatch,
        "The gradient of \(cell.rawValue) does not fit \(inputs.map(\.description).joined(separator: ", ")).")
    }
    let gates = TensorSpec(Shape(Array(sequence.shape.prefix(2)) + [cell.gateCount * units]), .float32)
    return [gates, state, cell == .lstm ? state : gates]
  }

  /// The gates' gradients times the recurrent kernel, in each step.
  public func multiplyAdds(_ inputs: [TensorSpec], _ outputs: [TensorSpec]) -> Int? {
    guard let gates = outputs[0].shape.known, let units = inputs[2].shape[1] else { return nil }
    return checkedElementCount(gates + [units])
  }
}

extension GraphBuilder {
  /// - Returns: every step's h and, for an LSTM, every step's c, `[steps, batch, units]`.
  public func recurrent(
    _ cell: RecurrentCell, projections: Value, states: [Value], kernel: Value, bias: Value? = nil,
    mask: Value? = nil, isReversed: Bool = false
  ) throws(KerasError) -> [Value] {
    let operation = RecurrentOperation(cell, isReversed: isReversed, hasMask: mask != nil)
    return try append(
      .recurrent(operation),
      [projections] + states + [kernel] + (bias.map { [$0] } ?? []) + (mask.map { [$0] } ?? []))
  }

  fileprivate func saveGates(of node: Int) throws(KerasError) -> Value {
    guard case .recurrent(var operation) = graph.nodes[node].operation else {
      preconditionFailure("the gates of another operation")
    }
    if !operation.savesGates {
      operation.savesGates = true
      try extend(node, to: .recurrent(operation))
    }
    return Value(node: node, output: operation.cell == .lstm ? 2 : 1)
  }
}

import KerasGraph

extension Problem {
  /// Both cells, in both directions, masked or not, with and without saved gates.
  public static func recurrents(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "recurrents") { choices, number throws(KerasError) in
      let cell: RecurrentCell = number % 2 == 0 ? .lstm : .gru
      let (steps, batch) = (choices.integer(in: 1...6), choices.integer(in: 1...9))
      let units = choices.element(of: [1, 2, 5, 8, 16, 17, 33])
      let operation = RecurrentOperation(
        cell, isReversed: choices.oneIn(2), hasMask: choices.oneIn(2), savesGates: choices.oneIn(2))
      let width = cell.gateCount * units
      let state = OperationProblem.Operand([batch, units])
      let kernel = OperationProblem.Operand(
        [units, width], in: -1 / Double(units)...1 / Double(units), isConstant: choices.oneIn(2))
      return OperationProblem(
        .recurrent(operation),
        [.init([steps, batch, width], in: -3...3), state]
          + (cell == .lstm ? [state, kernel] : [kernel, .init([width])])
          + (operation.hasMask ? [.init([steps, batch], .bool)] : []),
        summands: units + 16 * steps)
    }
  }

  /// The same backwards.
  public static func recurrentGradients(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "recurrentGradients") { choices, number throws(KerasError) in
      let cell: RecurrentCell = number % 2 == 0 ? .lstm : .gru
      let (steps, batch) = (choices.integer(in: 1...6), choices.integer(in: 1...9))
      let units = choices.element(of: [1, 2, 5, 8, 16, 17, 33])
      let operation = RecurrentGradientOperation(
        cell, isReversed: choices.oneIn(2), hasMask: choices.oneIn(2))
      let state = OperationProblem.Operand([batch, units])
      let sequence = OperationProblem.Operand([steps, batch, units])
      let kernel = OperationProblem.Operand(
        [units, cell.gateCount * units], in: -1 / Double(units)...1 / Double(units),
        isConstant: choices.oneIn(2))
      return OperationProblem(
        .recurrentGradient(operation),
        [.init([steps, batch, 4 * units], in: 0...1), sequence, state]
          + (cell == .lstm ? [sequence, state] : [])
          + [kernel, sequence] + (cell == .lstm ? [sequence] : [])
          + (operation.hasMask ? [.init([steps, batch], .bool)] : []),
        summands: units + 32 * steps)
    }
  }

  /// Loops with none to two states, one or two sequences, constants and inputs that every step reads, and bodies
  /// that compute, pass on or ignore them.
  public static func scans(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    var problems: [Problem] = []
    for number in 0..<count {
      var choices = RandomChoices(seed: seed, number: number)
      problems.append(try scan(&choices, label: "scans, seed \(seed), number \(number)"))
    }
    return problems
  }

  private static func scan(_ choices: inout RandomChoices, label: String) throws(KerasError) -> Problem {
    let builder = GraphBuilder()
    let (steps, batch, units) = (
      choices.integer(in: 0...5), choices.integer(in: 1...3), choices.integer(in: 1...5)
    )
    var inputs: [Tensor] = []
    func input(_ shape: [Int], _ choices: inout RandomChoices) -> Value {
      inputs.append(choices.tensor(shape))
      return builder.input(TensorSpec(shape))
    }
    let states = (0..<choices.integer(in: 0...2)).map { _ in input([batch, units], &choices) }
    let sequences = (0..<choices.integer(in: 1...2)).map { _ in input([steps, batch, units], &choices) }
    let kernel = choices.tensor([units, units])
    let weights = choices.oneIn(2) ? builder.constant(kernel) : builder.input(kernel.spec)
    if builder.graph.constant(weights) == nil { inputs.append(kernel) }
    let bias = builder.constant(choices.tensor([units]))
    let (kind, keepsStates) = (choices.integer(in: 0...2), choices.oneIn(2))
    let isReversed = choices.oneIn(2)
    let body = GraphBuilder()
    let state = TensorSpec([batch, units])
    let inner = (0..<states.count + sequences.count).map { _ in body.input(state) }
    let (innerWeights, innerBias) = (body.input(kernel.spec), body.input(TensorSpec([units])))
    var newStates: [Value] = []
    for index in states.indices {
      var sum = try body.matrixMultiply(inner[index], innerWeights)
      sum = try body.add(sum, body.add(inner[states.count], innerBias))
      newStates.append(try kind == 0 ? inner[index] : body.unary(.tanh, sum))
    }
    let last = inner[inner.count - 1]
    let outputs = kind == 1 && !states.isEmpty ? [] : [try body.add(newStates.last ?? last, last), last]
    let operation = ScanOperation(
      body: body.finish(returning: newStates + outputs), stateCount: states.count,
      sequenceCount: sequences.count,
      isReversed: isReversed, keepsStates: keepsStates)
    let results = try builder.append(.scan(operation), states + sequences + [weights, bias])
    return Problem(
      builder.finish(returning: results), inputs: inputs, summands: 40 * (steps + 1), label: label)
  }
}

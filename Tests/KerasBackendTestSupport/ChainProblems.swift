import KerasGraph

extension Problem {
  /// Element-wise operations in a row, of operands of the result's shape and of such as are repeated to it: for each
  /// image, for each row, for each channel, one number for all; some results are read twice or returned.
  public static func chains(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    var problems: [Problem] = []
    for number in 0..<count {
      var choices = RandomChoices(seed: seed, number: number)
      problems.append(try chain(&choices, label: "chains, seed \(seed), number \(number)"))
    }
    return problems
  }

  /// The same with conditions and selections by them, and sums and the like of what they give.
  ///
  /// - Parameter sums: whether sums occur; other reductions give numbers of the elements' size.
  public static func reducedChains(_ count: Int, seed: UInt64, sums: Bool = true) throws(KerasError)
    -> [Problem]
  {
    var problems: [Problem] = []
    for number in 0..<count {
      var choices = RandomChoices(seed: seed, number: number)
      problems.append(
        try reducedChain(&choices, sums: sums, label: "reduced chains, seed \(seed), number \(number)"))
    }
    return problems
  }

  private static func reducedChain(
    _ choices: inout RandomChoices, sums: Bool, label: String
  ) throws(KerasError)
    -> Problem
  {
    let builder = GraphBuilder()
    // Elements of few results are divided from 65,536 on; blocks hold 512.
    let shape = choices.element(of: [
      [2, 5, 7, 3], [33, 16], [3, 4, 700], [700], [2, 96, 100, 3], [4, 130, 8, 32], [140_000], [260, 700],
      [6, 3, 1, 5],
      [70, 20, 96], [1000, 4], [3, 600], [2, 33_000, 3],
    ])
    var inputs: [Tensor] = []
    func input(_ tensor: Tensor) -> Value {
      inputs.append(tensor)
      return builder.input(tensor.spec)
    }
    let repeated = [[], [shape[shape.count - 1]], Array(shape.dropLast()) + [1]]
    let given =
      [input(choices.tensor(shape)), input(choices.tensor(shape))]
      + repeated.map { input(choices.tensor($0)) }
    // Numbers as they are given: of others, rounding could decide.
    var conditions: [Value] = []
    for _ in 0..<2 {
      let function = choices.element(of: CompareOperation.Function.allCases)
      conditions.append(try builder.compare(function, given[0], choices.element(of: given)))
    }
    let logical = choices.element(of: [BinaryOperation.Function.logicalAnd, .logicalOr, .logicalXor])
    conditions.append(try builder.binary(logical, conditions[0], conditions[1]))
    var whole = Array(given[0...1])
    for _ in 0..<choices.integer(in: 1...9) {
      let (x, other) = (choices.element(of: whole), choices.element(of: choices.oneIn(2) ? given : whole))
      switch choices.integer(in: 0...4) {
      case 0:
        whole.append(
          try builder.select(choices.element(of: conditions), x, builder.broadcast(other, to: Shape(shape))))
      case 1: whole.append(try builder.unary(choices.element(of: [.negate, .square, .relu, .tanh]), x))
      case 2:
        whole.append(try builder.unary(.tanh, builder.add(x, builder.broadcast(other, to: Shape(shape)))))
      default:
        let function = choices.element(of: [BinaryOperation.Function.add, .multiply, .subtract, .maximum])
        whole.append(try builder.unary(.linear(scale: 0.5, offset: 0), builder.binary(function, x, other)))
      }
    }
    let axes = Array(shape.indices)
    let first = choices.integer(in: 0...(shape.count - 1))
    let run = axes[first...choices.integer(in: first...(shape.count - 1))]
    let reduced = choices.element(of: [Array(run), axes, Array(axes.dropLast()), [shape.count - 1]])
    var outputs: [Value] = []
    for value in [whole[whole.count - 1], choices.element(of: whole)] where !reduced.isEmpty {
      let function = choices.element(
        of: [ReductionOperation.Function.mean, .maximum, .minimum] + (sums ? [.sum, .sum] : []))
      outputs.append(try builder.reduce(function, value, axes: reduced, keepsDimensions: choices.oneIn(2)))
    }
    if outputs.isEmpty || choices.oneIn(3) { outputs.append(choices.element(of: whole)) }
    if choices.oneIn(4) { outputs.append(choices.element(of: conditions)) }
    return Problem(
      builder.finish(returning: outputs), inputs: inputs,
      summands: 64 + reduced.reduce(1) { $0 * shape[$1] } / 16, label: label)
  }

  private static func chain(_ choices: inout RandomChoices, label: String) throws(KerasError) -> Problem {
    let builder = GraphBuilder()
    // Blocks of 512 elements, and threads' shares of 16,384, begin within periods and at their ends.
    let shape = choices.element(of: [
      [2, 5, 7, 3], [1, 33, 16], [3, 4, 700], [700], [2, 96, 100, 3], [4, 130, 8, 16], [5, 1, 3, 1],
      [1, 40, 1000],
    ])
    let repeated = [
      [1], [shape[shape.count - 1]], [Int](repeating: 1, count: shape.count), Array(shape.dropLast()) + [1],
      [shape[0]] + [Int](repeating: 1, count: max(0, shape.count - 2)) + shape.dropFirst().suffix(1),
    ]
    var inputs: [Tensor] = []
    func input(_ tensor: Tensor) -> Value {
      inputs.append(tensor)
      return builder.input(tensor.spec)
    }
    var whole = [input(choices.tensor(shape))]
    if choices.oneIn(2) { whole.append(input(choices.tensor(shape))) }
    var operands: [Value] = []
    for _ in 0..<choices.integer(in: 0...7) {
      let tensor = choices.tensor(choices.element(of: repeated))
      operands.append(choices.oneIn(2) ? builder.constant(tensor) : input(tensor))
    }
    for _ in 0..<choices.integer(in: 2...30) {
      let x = choices.oneIn(4) ? choices.element(of: whole) : whole[whole.count - 1]
      if choices.oneIn(2) {
        let function = choices.element(of: [
          UnaryFunction.sigmoid, .tanh, .relu, .errorFunction, .linear(scale: -0.5, offset: 0.25),
          .clip(low: -1, high: 0.5), .softplus,
        ])
        whole.append(try builder.unary(function, x))
      } else {
        let other = choices.element(of: choices.oneIn(2) && !operands.isEmpty ? operands : whole)
        let function = choices.element(of: [BinaryOperation.Function.add, .multiply, .subtract, .maximum])
        let value =
          try choices.oneIn(2) ? builder.binary(function, x, other) : builder.binary(function, other, x)
        // Numbers that grow from step to step would hide errors of the others.
        whole.append(try builder.unary(.tanh, value))
      }
    }
    var outputs = [whole[whole.count - 1]]
    for _ in 0..<choices.integer(in: 0...3) { outputs.append(choices.element(of: whole)) }
    return Problem(builder.finish(returning: outputs), inputs: inputs, summands: 64, label: label)
  }
}

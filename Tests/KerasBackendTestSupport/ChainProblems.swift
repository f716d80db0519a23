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

  private static func chain(_ choices: inout RandomChoices, label: String) throws(KerasError) -> Problem {
    let builder = GraphBuilder()
    // Blocks of 512 elements, and threads' shares of 16,384, begin within periods and at their ends.
    let shape = choices.element(of: [
      [2, 5, 7, 3], [1, 33, 16], [3, 4, 700], [700], [2, 96, 100, 3], [4, 130, 8, 16], [5, 1, 3, 1], [1, 40, 1000],
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
        let value = try choices.oneIn(2) ? builder.binary(function, x, other) : builder.binary(function, other, x)
        // Numbers that grow from step to step would hide errors of the others.
        whole.append(try builder.unary(.tanh, value))
      }
    }
    var outputs = [whole[whole.count - 1]]
    if choices.oneIn(3) { outputs.append(choices.element(of: whole)) }
    return Problem(builder.finish(returning: outputs), inputs: inputs, summands: 64, label: label)
  }
}

import KerasGraph

extension Problem {
  /// Graphs in which axes come and go: transpositions and reshapes between products, sums, joins, reductions and
  /// functions, as attention and channels-first networks have them.
  public static func layouts(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    var problems: [Problem] = []
    for number in 0..<count {
      var writer = LayoutWriter(choices: RandomChoices(seed: seed, number: number))
      problems.append(try writer.problem(label: "layouts, seed \(seed), number \(number)"))
    }
    return problems
  }
}

private struct LayoutWriter {
  var choices: RandomChoices
  let builder = GraphBuilder()
  var values: [Value] = []

  init(choices: RandomChoices) { self.choices = choices }

  mutating func problem(label: String) throws(KerasError) -> Problem {
    let inputs = (0..<2).map { _ in
      choices.tensor([
        choices.integer(in: 1...3), choices.integer(in: 1...4), 2 * choices.integer(in: 1...3), 4,
      ])
    }
    values = inputs.map { builder.input($0.spec) }
    for _ in 0..<choices.integer(in: 4...16) { values.append(try next()) }
    var outputs = [values[values.count - 1]]
    if choices.oneIn(2) { outputs.append(choices.element(of: values)) }
    return Problem(builder.finish(returning: outputs), inputs: inputs, summands: 400, label: label)
  }

  private func lengths(_ value: Value) -> [Int] { builder.shape(of: value).compactMap { $0 } }

  private mutating func next() throws(KerasError) -> Value {
    let x = choices.oneIn(3) ? choices.element(of: values) : values[values.count - 1]
    let shape = lengths(x)
    switch choices.integer(in: 0...13) {
    case 0...3: return try builder.transpose(x, choices.shuffled(Array(shape.indices)))
    case 4:
      let last = shape.last ?? 1
      let split =
        last % 2 == 0 && shape.count < 5 ? shape.dropLast() + [last / 2, 2] : [elementCountOf(shape)]
      return try builder.reshape(x, to: Array(split))
    case 5, 6: return try product(x, shape)
    case 7:
      return try builder.unary(
        choices.element(of: [.relu, .tanh, .negate, .linear(scale: 0.5, offset: 0.25)]), x)
    case 8, 9: return try sum(x, shape)
    case 10: return try builder.softmax(x, axis: choices.integer(in: 0...max(shape.count - 1, 0)))
    case 11:
      guard shape.count > 1 else { return try builder.unary(.tanh, x) }
      let axes = shape.indices.filter { _ in choices.oneIn(3) }
      let keeps = choices.oneIn(2) || axes.count == shape.count
      return try builder.reduce(.mean, x, axes: Array(axes), keepsDimensions: keeps)
    case 12:
      let partners = values.filter { lengths($0) == shape }
      return try builder.concatenate(
        [x, choices.element(of: partners)], axis: choices.integer(in: 0...max(shape.count - 1, 0)))
    default:
      let padding = shape.map { _ in AxisPadding(choices.integer(in: 0...1), 0) }
      let padded = try builder.pad(x, padding)
      return try builder.slice(
        padded, starts: shape.map { _ in 0 }, ends: shape,
        strides: shape.map { _ in choices.integer(in: 1...2) })
    }
  }

  /// With a constant matrix, or of two stacks.
  private mutating func product(_ x: Value, _ shape: [Int]) throws(KerasError) -> Value {
    guard shape.count >= 2 else { return try builder.unary(.square, x) }
    let partners = values.filter { lengths($0) == shape }
    if shape.count > 2, choices.oneIn(2) {
      let second = choices.oneIn(2)
      return try builder.matrixMultiply(
        x, choices.element(of: partners), transposesFirst: !second, transposesSecond: second)
    }
    let depth = shape[shape.count - 1]
    let bound = 1 / Double(depth).squareRoot()
    return try builder.matrixMultiply(x, builder.constant(choices.tensor([depth, 4], in: -bound...bound)))
  }

  /// With the same shape, a vector, a constant of some axes, or a number.
  private mutating func sum(_ x: Value, _ shape: [Int]) throws(KerasError) -> Value {
    let function = choices.element(of: [BinaryOperation.Function.add, .multiply, .subtract, .maximum])
    let partners = values.filter { lengths($0) == shape }
    let other =
      choices.oneIn(2)
      ? choices.element(of: partners)
      : builder.constant(choices.tensor(choices.stretchable(shape)))
    return try choices.oneIn(2) ? builder.binary(function, x, other) : builder.binary(function, other, x)
  }
}

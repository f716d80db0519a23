import KerasGraph

/// A graph with states, what they are at first, and the inputs of a few steps.
public struct StateProblem: Sendable, CustomStringConvertible {
  public let graph: Graph
  public let states: [Tensor]
  public let steps: [[Tensor]]
  public let label: String

  public var description: String { "\(label):\n\(graph)" }

  /// The same computation by itself, for carrying states by hand: nothing is known of them.
  public var carriedByHand: Graph {
    let builder = GraphBuilder()
    let inputs = graph.inputs.map { builder.input(graph.spec(of: $0)) }
    let outputs = (try? builder.inline(graph, on: inputs)) ?? []
    return builder.finish(returning: outputs)
  }

  /// Random ones: of every way in which a state's update can hang together with other states, outputs and itself.
  public static func samples(_ count: Int, seed: UInt64) throws(KerasError) -> [StateProblem] {
    var problems: [StateProblem] = []
    for number in 0..<count {
      var choices = RandomChoices(seed: seed, number: number)
      problems.append(try random(&choices, label: "states, seed \(seed), number \(number)"))
    }
    return problems
  }

  private static func random(_ choices: inout RandomChoices, label: String) throws(KerasError) -> StateProblem {
    let builder = GraphBuilder()
    let shape = [choices.integer(in: 1...6), choices.integer(in: 1...6)]
    let inputs = [builder.input(TensorSpec(shape)), builder.input(TensorSpec(shape))]
    let count = choices.integer(in: 1...5)
    let states = (0..<count).map { builder.input(TensorSpec(shape), name: "state\($0)") }
    var values = inputs + states
    for _ in 0..<choices.integer(in: 1...12) {
      let x = choices.oneIn(2) ? choices.element(of: values) : values[values.count - 1]
      values.append(try next(after: x, values, &choices, builder))
    }
    let outputs = (0..<choices.integer(in: 1...2)).map { _ in choices.element(of: values) }
    var updates: [GraphState] = []
    for state in states {
      var update = choices.element(of: values)
      switch choices.integer(in: 0...7) {
      case 0: update = state
      case 1: update = choices.element(of: states)
      case 2:
        update = builder.constant(choices.tensor(shape))
      case 3:
        update = try builder.unary(.linear(scale: 0.5, offset: 0.1), state)
      case 4:
        update = try builder.binary(.subtract, state, builder.unary(.linear(scale: 0.1, offset: 0), update))
      case 5:
        let flat = try builder.reshape(builder.add(update, state), to: [elementCountOf(shape)])
        update = try builder.reshape(builder.unary(.tanh, flat), to: shape)
      case 6:
        let square = try builder.matrixMultiply(state, update, transposesSecond: true)
        update = try builder.add(state, builder.matrixMultiply(builder.unary(.tanh, square), update))
        update = try builder.unary(.tanh, update)
      default: break
      }
      updates.append(GraphState(input: state, update: update))
    }
    return StateProblem(
      graph: try builder.finish(returning: outputs, states: updates),
      states: states.map { _ in choices.tensor(shape) },
      steps: (0..<4).map { _ in inputs.map { _ in choices.tensor(shape) } }, label: label)
  }

  /// A value of the same shape, of numbers that stay small.
  private static func next(
    after x: Value, _ values: [Value], _ choices: inout RandomChoices, _ builder: GraphBuilder
  ) throws(KerasError) -> Value {
    let other = choices.element(of: values)
    switch choices.integer(in: 0...5) {
    case 0: return try builder.unary(.tanh, x)
    case 1: return try builder.unary(.linear(scale: 0.5, offset: 0.25), x)
    case 2: return try builder.unary(.tanh, builder.add(x, other))
    case 3: return try builder.binary(.maximum, x, other)
    case 4:
      let square = try builder.matrixMultiply(x, other, transposesSecond: true)
      return try builder.unary(.tanh, builder.matrixMultiply(square, x))
    default:
      let lengths = builder.shape(of: x).compactMap { $0 }
      let turned = try builder.reshape(x, to: [lengths[1], lengths[0]])
      return try builder.reshape(builder.unary(.relu, turned), to: lengths)
    }
  }
}

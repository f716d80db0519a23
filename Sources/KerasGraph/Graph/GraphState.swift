/// A number, or many, that a graph carries from one run to the next: a weight in training, an optimizer's slot, a
/// moving average, the state of a recurrent layer, the position of a random stream.
public struct GraphState: Hashable, Sendable {
  /// What it is when a run begins: an input of the graph.
  public let input: Value
  /// What it is for the next run; `input` itself for what is only read.
  public let update: Value

  public init(input: Value, update: Value) {
    self.input = input
    self.update = update
  }
}

extension Graph {
  /// The states, in the order of a program's session.
  public var states: [GraphState] {
    zip(inputs.suffix(stateCount), outputs.suffix(stateCount)).map { GraphState(input: $0, update: $1) }
  }

  /// The graph with its inputs made states that do not change: who runs it gives them once.
  package func keepingInputs() -> Graph {
    var graph = self
    graph.outputs.insert(contentsOf: inputs.dropLast(stateCount), at: outputs.count - stateCount)
    graph.stateCount = inputs.count
    return graph
  }

  /// - Throws: `shapeMismatch` for an update that cannot take its state's place.
  func verifyStates() throws(KerasError) {
    guard stateCount >= 0, stateCount <= inputs.count, stateCount <= outputs.count else {
      throw KerasError(
        .invalidArgument, "A graph cannot carry \(stateCount) states among its inputs and outputs.")
    }
    for (position, state) in states.enumerated() where spec(of: state.input) != spec(of: state.update) {
      throw KerasError(
        .shapeMismatch, "Expected \(spec(of: state.input)), found \(spec(of: state.update)).",
        path: ["update of state \(position)", nodes[state.input.node].name].filter { !$0.isEmpty })
    }
  }
}

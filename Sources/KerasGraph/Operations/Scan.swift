/// A graph run once for each step of sequences, carrying states from one step to the next.
///
/// - Inputs: initial states, then sequences (time is their first axis), then what every step reads alike.
/// - Outputs: the states after the last step, then each step's outputs stacked along a first axis; with
///   ``keepsStates``, then the states before each step, stacked likewise.
///
/// The body takes states, one element of each sequence (without the time axis) and what every step reads, and
/// returns new states, then the step's outputs.
public struct ScanOperation: OperationRule {
  public let body: ScanBody
  public var stateCount: Int
  public var sequenceCount: Int
  /// Whether it runs from the last step to the first; outputs stand at the step they belong to.
  public var isReversed: Bool
  /// Whether the states before each step are returned as well; gradients need them.
  public var keepsStates: Bool

  public init(
    body: Graph, stateCount: Int, sequenceCount: Int, isReversed: Bool = false, keepsStates: Bool = false
  ) {
    self.body = ScanBody(graph: body)
    self.stateCount = stateCount
    self.sequenceCount = sequenceCount
    self.isReversed = isReversed
    self.keepsStates = keepsStates
  }

  public var name: String { "scan" }
  public var settings: String {
    "\(stateCount) states, \(sequenceCount) sequences" + (isReversed ? ", reversed" : "")
      + (keepsStates ? ", states kept" : "") + ", \(body.graph.nodes.count) nodes"
  }

  public var canFail: Bool { body.graph.nodes.contains { $0.operation.rule.canFail } }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    let graph = body.graph
    try expectInputs(graph.inputs.count...graph.inputs.count, inputs, name)
    guard stateCount >= 0, sequenceCount >= 1, stateCount + sequenceCount <= graph.inputs.count,
      graph.outputs.count >= max(stateCount, 1)
    else {
      throw KerasError(
        .invalidArgument, "A scan needs at least one sequence and a body that fits it and returns something.")
    }
    let sequences = inputs[stateCount..<stateCount + sequenceCount]
    let steps = sequences.compactMap { $0.shape.first ?? nil }
    guard sequences.allSatisfy({ $0.shape.rank >= 1 }), Set(steps).count <= 1 else {
      throw KerasError(.shapeMismatch, "Sequences must have the same number of steps, found \(steps).")
    }
    for (position, (given, value)) in zip(inputs, graph.inputs).enumerated() {
      var step = given
      if (stateCount..<stateCount + sequenceCount).contains(position) {
        step.shape = Shape(Array(given.shape.dropFirst()))
      }
      guard step == graph.spec(of: value) else {
        throw KerasError(
          .shapeMismatch,
          "The scan's body expects \(graph.spec(of: value)) as input \(position), found \(step).")
      }
    }
    let states = graph.outputs.prefix(stateCount).map(graph.spec(of:))
    guard states == Array(inputs.prefix(stateCount)) else {
      throw KerasError(
        .shapeMismatch,
        "A scan's states must keep their shape, found \(inputs.prefix(stateCount)) and \(states).")
    }
    func stacked(_ spec: TensorSpec) -> TensorSpec {
      TensorSpec(Shape([steps.first] + Array(spec.shape)), spec.dataType)
    }
    let outputs = graph.outputs.dropFirst(stateCount).map { stacked(graph.spec(of: $0)) }
    return states + outputs + (keepsStates ? states.map(stacked) : [])
  }

  public func multiplyAdds(_ inputs: [TensorSpec], _ outputs: [TensorSpec]) -> Int? {
    guard let steps = inputs[stateCount].shape[0], let products = body.graph.multiplyAdds else { return nil }
    return checkedElementCount([steps, products])
  }

  /// A scan in the other direction: each step computes the body again from the states before it, then its
  /// gradients, and adds up those of what every step reads.
  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    let (graph, forward) = (point.graph, body.graph)
    let outputCount = forward.outputs.count - stateCount
    let kept = try graph.keepStates(ofScan: point.outputs[0].node)
    let captured = Array(point.node.inputs.dropFirst(stateCount + sequenceCount))
    func isReal(_ value: Value) -> Bool { graph.spec(of: value).dataType.isFloatingPoint }
    let realStates = (0..<stateCount).filter { isReal(point.input($0)) }
    let realOutputs = (0..<outputCount).filter { point.upstream[stateCount + $0] != nil }
    // The states before each step may themselves have been read, by an earlier derivative.
    let readStates =
      keepsStates ? realStates.filter { point.upstream[stateCount + outputCount + $0] != nil } : []
    let realSequences = (0..<sequenceCount).filter {
      point.needed[stateCount + $0] && isReal(point.input(stateCount + $0))
    }
    let realCaptured = captured.indices.filter {
      point.needed[stateCount + sequenceCount + $0] && isReal(captured[$0])
    }

    let step = GraphBuilder()
    let stateGradients = realStates.map { step.input(graph.spec(of: point.input($0))) }
    let sums = realCaptured.map { step.input(graph.spec(of: captured[$0])) }
    let states = (0..<stateCount).map { step.input(forward.spec(of: forward.inputs[$0])) }
    let elements = (0..<sequenceCount).map { step.input(forward.spec(of: forward.inputs[stateCount + $0])) }
    let outputGradients = realOutputs.map { step.input(forward.spec(of: forward.outputs[stateCount + $0])) }
    let keptGradients = readStates.map { step.input(forward.spec(of: forward.inputs[$0])) }
    let shared = captured.map { step.input(graph.spec(of: $0)) }

    let results = try step.inline(forward, on: states + elements + shared)
    let seeds = zip(realStates.map { results[$0] }, stateGradients)
    let outputSeeds = zip(realOutputs.map { results[stateCount + $0] }, outputGradients)
    let targets =
      realStates.map { states[$0] } + realSequences.map { elements[$0] } + realCaptured.map { shared[$0] }
    let gradients = try step.gradients(
      from: (Array(seeds) + Array(outputSeeds)).map { ($0.0, $0.1) }, to: targets)
    var returned: [Value] = []
    for (index, target) in targets.enumerated() where index < realStates.count {
      var gradient = try gradients[index].orElse(step.zeros(like: target))
      if let read = readStates.firstIndex(of: realStates[index]) {
        gradient = try step.add(gradient, keptGradients[read])
      }
      returned.append(gradient)
    }
    for (position, sum) in sums.enumerated() {
      let gradient = gradients[realStates.count + realSequences.count + position]
      returned.append(try gradient.map { (value) throws(KerasError) in try step.add(sum, value) } ?? sum)
    }
    for position in realSequences.indices {
      let gradient = gradients[realStates.count + position]
      returned.append(try gradient.orElse(step.zeros(like: elements[realSequences[position]])))
    }

    var inputs: [Value] = []
    for state in realStates {
      inputs.append(try point.upstream[state].orElse(graph.zeros(like: point.input(state))))
    }
    for index in realCaptured { inputs.append(try graph.zeros(like: captured[index])) }
    inputs += kept
    inputs += (0..<sequenceCount).map { point.input(stateCount + $0) }
    inputs += realOutputs.compactMap { point.upstream[stateCount + $0] }
    inputs += readStates.compactMap { point.upstream[stateCount + outputCount + $0] }
    inputs += captured
    let backward = ScanOperation(
      body: step.finish(returning: returned), stateCount: realStates.count + realCaptured.count,
      sequenceCount: stateCount + sequenceCount + realOutputs.count + readStates.count,
      isReversed: !isReversed)
    let values = try graph.append(.scan(backward), inputs)

    var answer = [Value?](repeating: nil, count: point.node.inputs.count)
    for (position, state) in realStates.enumerated() { answer[state] = values[position] }
    for (position, index) in realCaptured.enumerated() {
      answer[stateCount + sequenceCount + index] = values[realStates.count + position]
    }
    for (position, sequence) in realSequences.enumerated() {
      answer[stateCount + sequence] = values[realStates.count + realCaptured.count + position]
    }
    return answer
  }
}

/// A scan's graph; equal only to itself.
public final class ScanBody: Hashable, Sendable {
  public let graph: Graph

  init(graph: Graph) { self.graph = graph }

  public static func == (a: ScanBody, b: ScanBody) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension GraphBuilder {
  /// Runs `step` once for each element along the first axis of `sequences`.
  ///
  /// - Parameters:
  ///   - captured: values of this graph that every step reads.
  ///   - step: records one step: gets states, elements and captured values of `graph`, returns the new states
  ///     and the step's outputs.
  /// - Returns: the states after the last step, and the outputs stacked.
  public func scan(
    states: [Value], over sequences: [Value], capturing captured: [Value] = [], isReversed: Bool = false,
    _ step: (
      _ graph: GraphBuilder, _ states: [Value], _ elements: [Value], _ captured: [Value]
    ) throws(KerasError) -> (states: [Value], outputs: [Value])
  ) throws(KerasError) -> (states: [Value], outputs: [Value]) {
    let body = GraphBuilder()
    body.scope = scope
    let bodyStates = states.map { body.input(spec(of: $0)) }
    var elements: [Value] = []
    for sequence in sequences {
      let spec = spec(of: sequence)
      guard spec.shape.rank >= 1 else {
        throw KerasError(.shapeMismatch, "A sequence needs a time axis, found \(spec).")
      }
      elements.append(body.input(TensorSpec(Shape(Array(spec.shape.dropFirst())), spec.dataType)))
    }
    let shared = captured.map { body.input(spec(of: $0)) }
    let results = try step(body, bodyStates, elements, shared)
    guard results.states.count == states.count else {
      throw KerasError(
        .invalidArgument, "A scan's step must return \(states.count) states, found \(results.states.count).")
    }
    let operation = ScanOperation(
      body: body.finish(returning: results.states + results.outputs), stateCount: states.count,
      sequenceCount: sequences.count, isReversed: isReversed)
    let values = try append(.scan(operation), states + sequences + captured)
    return (Array(values.prefix(states.count)), Array(values.dropFirst(states.count)))
  }

  /// Lets the scan at `node` return the states before each step, and gives them.
  fileprivate func keepStates(ofScan node: Int) throws(KerasError) -> [Value] {
    guard case .scan(var operation) = graph.nodes[node].operation else { return [] }
    let first = operation.body.graph.outputs.count
    if !operation.keepsStates {
      operation.keepsStates = true
      try extend(node, to: .scan(operation))
    }
    return (0..<operation.stateCount).map { Value(node: node, output: first + $0) }
  }
}

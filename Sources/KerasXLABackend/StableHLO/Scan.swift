import KerasGraph

extension ScanOperation {
  func lower(_ node: NodeLowering) throws(KerasError) -> [HLOValue] {
    let (hlo, graph) = (node.hlo, node.graph)
    let states = Array(node.inputs.prefix(stateCount))
    let sequences = Array(node.inputs[stateCount..<stateCount + sequenceCount])
    let shared = Array(node.inputs.dropFirst(stateCount + sequenceCount))
    let steps = sequences[0].lengths[0]
    let watches = canFail && steps > 0
    let results = try hlo.scan(
      steps: steps, isReversed: isReversed, states: states + (watches ? graph.carriedFailure() : []),
      over: sequences, outputs: Array(node.outputs.dropFirst(stateCount))
    ) { (carried, elements) throws(KerasError) in
      let before = Array(carried.prefix(stateCount))
      if watches { graph.setFailure(Array(carried.suffix(2))) }
      let made = try graph.lower(body.graph, before + elements + shared, path: node.path)
      return (
        Array(made.prefix(stateCount)) + (watches ? graph.carriedFailure() : []),
        Array(made.dropFirst(stateCount)) + (keepsStates ? before : [])
      )
    }
    if watches { graph.setFailure(Array(results.states.suffix(2))) }
    return Array(results.states.prefix(stateCount)) + results.outputs
  }
}

extension HLOWriter {
  /// Repeats `body` once for each element along the first axis of `sequences`, carrying states along.
  ///
  /// - Parameters:
  ///   - outputs: the specs of what the steps make, stacked along a first axis.
  ///   - body: takes states and one element of each sequence, gives new states and the step's outputs.
  /// - Returns: the states after the last step, and what the steps made, each where it belongs.
  func scan<Failure: Error>(
    steps: Int, isReversed: Bool = false, states: [HLOValue], over sequences: [HLOValue], outputs: [HLOSpec],
    _ body: (_ states: [HLOValue], _ elements: [HLOValue]) throws(Failure) -> (
      states: [HLOValue], outputs: [HLOValue]
    )
  ) throws(Failure) -> (states: [HLOValue], outputs: [HLOValue]) {
    let made = outputs.map { constant(0, $0.type, $0.lengths) }
    guard steps > 0 else { return (states, made) }
    let first = constant(0, .i32)
    let results = try loop(
      [first] + states + made, while: { compare("LT", $0[0], Double(steps)) }
    ) { (carried) throws(Failure) in
      let place = isReversed ? subtract(constant(Double(steps - 1), .i32), carried[0]) : carried[0]
      func starts(_ rank: Int) -> [HLOValue] { [place] + [HLOValue](repeating: first, count: rank - 1) }
      let elements = sequences.map { sequence in
        let lengths = Array(sequence.lengths.dropFirst())
        return reshape(dynamicSlice(sequence, at: starts(sequence.rank), lengths: [1] + lengths), to: lengths)
      }
      let step = try body(Array(carried[1..<1 + states.count]), elements)
      let stacked = zip(carried.dropFirst(1 + states.count), step.outputs).map { all, one in
        dynamicUpdate(all, with: reshape(one, to: [1] + one.lengths), at: starts(all.rank))
      }
      return [binary("add", carried[0], 1)] + step.states + stacked
    }
    return (Array(results[1..<1 + states.count]), Array(results.dropFirst(1 + states.count)))
  }
}

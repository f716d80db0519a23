import KerasGraph

/// What a recurrent layer or a ``Bidirectional`` one is called with.
struct SequenceArguments {
  let sequences: Value
  let initialStates: [Value]
  let constants: [Value]
  /// `bool`, of the steps to compute.
  let mask: Value?
  /// What the mask of the outputs is made of: also one that is not used.
  let outputMask: Value?

  /// - Parameter constantCount: how many of inputs without names are constants.
  init(_ inputs: [Value], constantCount: Int = 0, in context: CallContext) throws(KerasError) {
    let names = context.arguments.names
    sequences = inputs[0]
    // Without names, states and then constants follow, in the one list that Keras 2 took.
    let rest = inputs.dropFirst()
    initialStates =
      names.isEmpty ? Array(rest.dropLast(constantCount)) : context.inputs(named: "initial_state")
    constants = names.isEmpty ? Array(rest.suffix(constantCount)) : context.inputs(named: "constants")
    if let explicit = context.input(named: "mask") {
      mask = try context.graph.cast(explicit, to: .bool)
      outputMask = mask
    } else {
      outputMask = context.mask()
      mask = names.isEmpty || initialStates.isEmpty ? outputMask : nil
    }
  }
}

/// What a recurrent layer goes through, time first.
struct Sequences {
  /// `[steps, batch, …]`
  let values: Value
  /// `[steps, batch]`, false where there is no step.
  let mask: Value?
}

struct InitialStates {
  let values: [Value]
  /// Whether it is known that all are zeros.
  let areZero: Bool
}

extension RNN {
  /// Runs the cell over all steps.
  ///
  /// - Returns: the output as the layer returns it, and the states after the last step.
  func run(
    _ sequences: Sequences, from initial: InitialStates, given: [Value], _ step: TensorSpec,
    in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    try context.enter(cell, with: [sequences.values]) { (inputs) throws(KerasError) in
      let (constants, prepared) = try wrappingErrors {
        let constants = try cell.constants(for: step, in: context).giving(given)
        return (constants, try cell.prepare(inputs[0], constants: constants, in: context))
      }
      let fused = try cell.fusedStates(
        prepared, states: initial.values, constants: constants, mask: sequences.mask,
        isReversed: goesBackwards, in: context)
      if let fused { return try finish(fused, sequences.mask, initial, in: context.graph) }
      return try scan(prepared, sequences.mask, from: initial, step, constants, in: context)
    }
  }

  // MARK: Fused

  /// Picks the outputs and last states from the states after every step.
  private func finish(
    _ states: [Value], _ mask: Value?, _ initial: InitialStates, in graph: GraphBuilder
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    var output = states[0]
    if let mask, zeroesMaskedOutputs || !initial.areZero {
      var isOutput = mask
      if !zeroesMaskedOutputs {
        // Before the first step there is no output yet, while the state may be something.
        let seen = try graph.cumulative(
          .sum, graph.cast(mask, to: .float32), axis: 0, isReversed: goesBackwards)
        isOutput = try graph.compare(.greater, seen, 0)
      }
      let isWide = try graph[graph.widened(isOutput, to: graph.shape(of: output).rank)]
      output = try graph[output].kept(where: isWide, else: graph[graph.zeros(like: output)]).value
    }
    let last = try states.map { (state) throws(KerasError) in try lastStep(of: state, in: graph) }
    guard !returnsSequences else { return (try ordered(output, in: graph), last) }
    return (output == states[0] ? last[0] : try lastStep(of: output, in: graph), last)
  }

  /// The element computed last.
  private func lastStep(of sequence: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    let spec = graph.spec(of: sequence)
    let element = Shape(Array(spec.shape.dropFirst()))
    guard let steps = spec.shape[0] else { return graph.placeholder(TensorSpec(element, spec.dataType)) }
    let slice = try graph.slice(sequence, axis: 0, from: goesBackwards ? 0 : steps - 1, count: 1)
    return try graph.reshaped(slice, to: element)
  }

  /// The outputs of all steps in the order of axes and of time that the layer returns.
  private func ordered(_ outputs: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    var (outputs, timeAxis) = (outputs, 0)
    if !options.isTimeMajor {
      outputs = try graph.transpose(outputs, [1, 0] + Array(graph.shape(of: outputs).indices.dropFirst(2)))
      timeAxis = 1
    }
    return goesBackwards ? try graph.reverse(outputs, axes: [timeAxis]) : outputs
  }

  // MARK: Step by step

  private func scan(
    _ prepared: Value, _ mask: Value?, from initial: InitialStates, _ step: TensorSpec,
    _ constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    let graph = context.graph
    let count = initial.values.count
    var carried = initial.values
    // The last output is carried along where a masked step repeats it, or where nothing else is returned.
    let carriesOutput = !returnsSequences || (mask != nil && !zeroesMaskedOutputs)
    if carriesOutput {
      let shape = Shape([step.shape[0]] + (try wrappingErrors { try cell.outputShape(for: step) }))
      carried.append(try graph.filled(0, shape, cell.dataTypePolicy.computeType))
    }
    let results = try context.scan(
      states: carried, over: [prepared] + (mask.map { [$0] } ?? []), isReversed: goesBackwards
    ) { (context, carried, elements) throws(KerasError) in
      let graph = context.graph
      let before = Array(carried.prefix(count))
      var (output, states) = try wrappingErrors {
        try cell.step(elements[0], states: before, constants: constants.captured(in: context), in: context)
      }
      try require(states.count == count, "A step must return \(count) states, found \(states.count).")
      if mask != nil {
        for (position, old) in before.enumerated() {
          let isStep = try graph.widened(elements[1], to: graph.shape(of: old).rank)
          states[position] = try graph.select(isStep, states[position], old)
        }
        let isStep = try graph.widened(elements[1], to: graph.shape(of: output).rank)
        let otherwise = zeroesMaskedOutputs ? try graph.zeros(like: output) : carried[count]
        output = try graph.select(isStep, output, otherwise)
      }
      return (states + (carriesOutput ? [output] : []), returnsSequences ? [output] : [])
    }
    let output = returnsSequences ? try ordered(results.outputs[0], in: graph) : results.states[count]
    return (output, Array(results.states.prefix(count)))
  }
}

extension GraphBuilder {
  /// With axes of length 1 behind, up to `rank` axes.
  fileprivate func widened(_ mask: Value, to rank: Int) throws(KerasError) -> Value {
    let shape = shape(of: mask)
    let wide = Shape(shape.dimensions + Array(repeating: 1, count: max(rank - shape.rank, 0)))
    return try reshaped(mask, to: wide)
  }
}

import KerasGraph

/// A graph as a StableHLO module, and what its arguments and results are.
///
/// - Arguments: the graph's inputs, states left out; the states; the constants.
/// - Results: the graph's outputs, updates left out; the updates of states that change; where something is watched as
///   it runs, the number of the first check that found fault (0 for none) and the index it found.
struct ProgramText {
  let text: String
  /// Of the graph, in order.
  let constants: [ConstantOperation]
  let results: [TensorSpec]
  /// By state, whether it changes: its buffer is then used up, and the update takes its place.
  let changes: [Bool]
  let checks: [RuntimeCheck]

  /// - Throws: `unsupported` for what cannot be said in StableHLO, naming the node.
  init(_ graph: Graph, _ settings: LoweringSettings) throws(KerasError) {
    let lowering = GraphLowering(settings)
    var inputs: [HLOValue] = []
    for (position, value) in graph.inputs.enumerated() {
      inputs.append(HLOValue(name: "%in\(position)", spec: try HLOSpec(graph.spec(of: value))))
    }
    let outputs = try lowering.lower(graph, inputs, narrows: settings.narrows)
    let changes = graph.states.map { $0.input != $0.update }
    self.changes = changes
    let (plainCount, stateCount) = (graph.outputs.count - graph.stateCount, graph.stateCount)
    var returned = Array(outputs.prefix(plainCount))
    var aliases = [Int?](repeating: nil, count: inputs.count)
    for state in 0..<stateCount where changes[state] {
      let position = inputs.count - stateCount + state
      aliases[position] = returned.count
      returned.append(lowering.unlessFailed(outputs[plainCount + state], else: inputs[position]))
    }
    var specs = graph.outputs.prefix(plainCount).map(graph.spec(of:))
    specs += graph.states.indices.filter { changes[$0] }.map { graph.spec(of: graph.states[$0].update) }
    if let finding = lowering.finding {
      returned += finding
      specs += [TensorSpec([] as [Int], .int32), TensorSpec([] as [Int], .int32)]
    }
    results = specs
    constants = lowering.parameters
    checks = lowering.checks
    let parameters = try Self.parameters(lowering.parameters)
    let arguments =
      zip(inputs, aliases).map { input, alias in
        "\(input.name): \(input.spec)" + (alias.map { " {tf.aliasing_output = \($0) : i32}" } ?? "")
      } + parameters
    let resultSpecs = returned.specs
    text = """
      module @keras {
        func.func public @main(\(arguments.joined(separator: ", "))) -> (\(resultSpecs)) {
      \(lowering.hlo.lines.joined(separator: "\n"))
          return \(returned.names) : \(resultSpecs)
        }
      }

      """
  }

  private static func parameters(_ constants: [ConstantOperation]) throws(KerasError) -> [String] {
    var parameters: [String] = []
    for (number, constant) in constants.enumerated() {
      parameters.append("%c\(number): \(try HLOSpec(constant.tensor.spec))")
    }
    return parameters
  }
}

/// How a graph is written.
struct LoweringSettings: Hashable, Sendable {
  /// How exactly float32 numbers are multiplied.
  var productPrecision = ProductPrecision.highest
  /// Whether float32 values may be stored and multiplied as bfloat16.
  var narrows = false
}

import KerasGraph

/// A graph as a StableHLO module, and what its arguments and results are.
///
/// - Arguments: the graph's inputs, states left out; the states; the constants.
/// - Results: the graph's outputs, updates left out; the updates of states that change; where something is watched as
///   it runs, the number of the first check that found fault (0 for none) and the index it found.
struct ProgramText {
  let text: String
  /// Of the graph, in order.
  let constants: [DeviceConstant]
  let results: [TensorSpec]
  /// By input, states left out, whether several devices get a share of its rows each.
  let splits: [Bool]
  /// By state, whether it changes: its buffer is then used up, and the update takes its place.
  let changes: [Bool]
  let checks: [RuntimeCheck]

  /// - Parameter deviceCount: devices that share the samples: of inputs whose rows can be split evenly each gets its
  ///   share, all else is whole on each. What that means for every operation XLA finds out.
  /// - Throws: `unsupported` for what cannot be said in StableHLO, naming the node.
  init(_ graph: Graph, _ settings: LoweringSettings, deviceCount: Int = 1) throws(KerasError) {
    let lowering = GraphLowering(settings)
    var inputs: [HLOValue] = []
    for (position, value) in graph.inputs.enumerated() {
      inputs.append(HLOValue(name: "%in\(position)", spec: try HLOSpec(graph.spec(of: value))))
    }
    let splits = inputs.dropLast(graph.stateCount).map { input in
      guard deviceCount > 1, let rows = input.lengths.first else { return false }
      return rows > 0 && rows % deviceCount == 0
    }
    self.splits = splits
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
    func attributes(_ sharding: String, alias: Int? = nil) -> String {
      let parts = [
        alias.map { "tf.aliasing_output = \($0) : i32" },
        deviceCount > 1 ? "mhlo.sharding = \"\(sharding)\"" : nil,
      ].compactMap { $0 }
      return parts.isEmpty ? "" : " {\(parts.joined(separator: ", "))}"
    }
    let arguments = inputs.indices.map { position in
      let input = inputs[position]
      let isSplit = position < splits.count && splits[position]
      let ones = String(repeating: ",1", count: max(input.rank - 1, 0))
      let sharding = isSplit ? "{devices=[\(deviceCount)\(ones)]<=[\(deviceCount)]}" : "{replicated}"
      return "\(input.name): \(input.spec)" + attributes(sharding, alias: aliases[position])
    }
    let types = returned.map { "\($0.spec)" + attributes("{replicated}") }.joined(separator: ", ")
    let parameters = lowering.parameters.enumerated().map { number, constant in
      "%c\(number): \(constant.spec)" + attributes("{replicated}")
    }
    let module =
      deviceCount > 1
      ? " attributes {mhlo.num_partitions = \(deviceCount) : i32, mhlo.num_replicas = 1 : i32}" : ""
    text = """
      module @keras\(module) {
        func.func public @main(\((arguments + parameters).joined(separator: ", "))) -> (\(types)) {
      \(lowering.hlo.lines.joined(separator: "\n"))
          return \(returned.isEmpty ? "" : "\(returned.names) : \(returned.specs)")
        }
      }

      """
  }
}

/// How a graph is written.
struct LoweringSettings: Hashable, Sendable {
  /// How exactly float32 numbers are multiplied.
  var productPrecision = ProductPrecision.highest
  /// Whether float32 values may be stored and multiplied as bfloat16.
  var narrows = false

  init(_ precision: Precision = .float32) {
    switch precision {
    case .float32: break
    case .tensorFloat32: productPrecision = .fastest
    case .bfloat16: narrows = true
    }
  }
}

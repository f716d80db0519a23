import KerasGraph
import KerasModels
import Synchronization
import Testing

/// One function makes graphs ready, and what it shows is what runs.
@Suite struct PreparationTests {
  /// Keeps the graphs it is given to prepare.
  final class Witness: Backend {
    let name = "witness"
    let graphs = Mutex<[String]>([])
    private let backend = Backends.all[1]
    var evaluator: (any ConstantEvaluator)? { backend.evaluator }

    func prepare(_ graph: Graph, options: ProgramOptions) throws(KerasError) -> any Program {
      graphs.withLock { $0.append("\(graph)") }
      return try backend.prepare(graph, options: options)
    }
    func makeStates(_ initial: [Tensor]) throws(KerasError) -> any StateStore {
      try backend.makeStates(initial)
    }
  }

  /// A cell that is scanned, and a kernel that two thin matrices adapt.
  static func model() throws -> Model {
    let x = Input(shape: [3, 4])
    let dense = Dense(units: 2)
    let model = try Model(inputs: x, outputs: dense(RNN(StackedRNNCells([SimpleRNNCell(units: 5)]))(x)))
    try dense.enableLoRA(rank: 1, bInitializer: .ones)
    try model.fillWithPatterns()
    return model
  }

  /// The plain backend's plan names the nodes it computes, by number.
  @Test func whatIsShownIsWhatIsCompiled() throws {
    let model = try Self.model()
    let backend = Backends.all[1]
    let graph = try backend.pipeline.apply(to: model.lowered(for: [[2, 3, 4]]))
    let plan = try model.program(for: [[2, 3, 4]], options: ComputeOptions(backend: backend.name)).plan
    let computed = graph.nodes.indices.filter { index in
      switch graph.nodes[index].operation {
      case .input, .constant, .reshape: false
      default: true
      }
    }
    #expect(plan.count == computed.count)
    for (line, index) in zip(plan, computed) {
      #expect(line.hasPrefix("%\(index) \(graph.nodes[index].name): "))
    }
    // The adapted kernel is one constant, and so are the weights in the scan's body.
    #expect(graph.nodes.filter { $0.operation.name == "scan" }.count == 1)
    for node in graph.nodes {
      let inputs = node.inputs.map { graph.nodes[$0.node].operation.name }
      #expect(inputs.isEmpty || inputs.contains { $0 != "constant" } || node.operation.rule.folding.isNever)
      guard case .scan(let scan) = node.operation else { continue }
      #expect(scan.body.graph.inputs.count == scan.stateCount + scan.sequenceCount)
      #expect(scan.body.graph.nodes.contains { $0.operation.name == "constant" })
    }
  }

  @Test func everyWayOfPreparingGivesTheBackendTheSameGraph() throws {
    let witness = Witness()
    let recorded = try Self.model().lowered(for: [[2, 3, 4]])
    let (_, graph) = try witness.prepare(optimizing: recorded)
    let recorder = StepRecorder(isTraining: true)
    let layer = Dense(units: 2)
    let output = try recorder.call(layer, on: [recorder.input(TensorSpec([2, 4]))]).outputs[0]
    let step = try recorder.finish(returning: [output])
    _ = try ResidentStates(on: witness).prepare(step)
    #expect(
      try witness.graphs.withLock { $0 } == [
        "\(graph)", "\(witness.pipeline.apply(to: step.graph))",
      ])
    #expect(try "\(graph)" == "\(witness.pipeline.apply(to: recorded))")
    #expect("\(graph)" != "\(recorded)")
  }
}

extension ConstantFolding {
  fileprivate var isNever: Bool { if case .never = self { true } else { false } }
}

import KerasBackendTestSupport
import KerasGraph
import Testing

/// Plays a plan through on an arena of labels: whoever is read must still stand where it was written.
struct MemoryPlanTests {
  @Test(arguments: try Problem.graphs(300, seed: 41))
  func nobodyOverwritesWhatIsStillRead(problem: Problem) throws {
    for graph in [problem.graph, try PassPipeline.standard().apply(to: problem.graph)] {
      let plan = MemoryPlan(for: graph) { byteCount($0, in: graph) }
      if let conflict = firstConflict(in: graph, plan) {
        Issue.record("\(conflict), \(problem.label)\n\(graph)")
      }
    }
  }

  /// A backend that can never work in place gets a plan in which no operation does.
  @Test(arguments: try Problem.graphs(100, seed: 42))
  func inputsAndOutputStayApartWhenTheyMust(problem: Problem) throws {
    let graph = problem.graph
    let plan = MemoryPlan(
      for: graph, byteCount: { byteCount($0, in: graph) }, canOverwrite: { _, _ in false })
    if let conflict = firstConflict(in: graph, plan) {
      Issue.record("\(conflict), \(problem.label)\n\(graph)")
    }
    for (index, node) in graph.nodes.enumerated() {
      if case .reshape = node.operation { continue }
      guard let output = range(Value(node: index), in: graph, plan) else { continue }
      for input in node.inputs {
        guard let range = range(input, in: graph, plan) else { continue }
        #expect(!range.overlaps(output), "node \(index) of \(problem.label)\n\(graph)")
      }
    }
  }

  @Test func aChainOfFunctionsNeedsOneBuffer() throws {
    let builder = GraphBuilder()
    var x = builder.input(TensorSpec([100]))
    for _ in 0..<5 { x = try builder.unary(.tanh, x) }
    let graph = builder.finish(returning: [x])
    #expect(MemoryPlan(for: graph) { byteCount($0, in: graph) }.byteCount == 448)
  }

  @Test func aValueReadLaterIsNotOverwritten() throws {
    let builder = GraphBuilder()
    let x = try builder.unary(.relu, builder.input(TensorSpec([16])))
    let y = try builder.unary(.tanh, x)
    let graph = builder.finish(returning: [try builder.add(x, y)])
    let plan = MemoryPlan(for: graph) { byteCount($0, in: graph) }
    #expect(plan.offsets[x] != plan.offsets[y])
    #expect(plan.byteCount == 128)
  }

  @Test func inputsConstantsAndTheirViewsAreNotInTheArena() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([4]))
    let k = builder.constant(Tensor(zeros: [4]))
    let (a, b) = (try builder.reshape(x, to: [2, 2]), try builder.reshape(k, to: [2, 2]))
    let sum = try builder.add(a, b)
    let graph = builder.finish(returning: [sum])
    #expect(MemoryPlan(for: graph) { byteCount($0, in: graph) }.offsets == [sum: 0])
  }

  private func byteCount(_ value: Value, in graph: Graph) -> Int {
    (graph.shape(of: value).elementCount ?? 0) * graph.spec(of: value).dataType.byteCount
  }

  private func range(_ value: Value, in graph: Graph, _ plan: MemoryPlan) -> Range<Int>? {
    plan.offsets[value].map { $0..<$0 + byteCount(value, in: graph) }
  }

  /// Writes each node's label over its bytes in order, and looks at the bytes of all it reads.
  private func firstConflict(in graph: Graph, _ plan: MemoryPlan) -> String? {
    // In units of four bytes, the size of every element here.
    var writer = [Int](repeating: -1, count: plan.byteCount / 4)
    /// The node that wrote a value's bytes: itself, or what it is a view of.
    var origin = Array(graph.nodes.indices)
    func isIntact(_ value: Value) -> Bool {
      guard let range = range(value, in: graph, plan) else { return true }
      guard range.lowerBound % MemoryPlan.alignment == 0, range.upperBound <= plan.byteCount else {
        return false
      }
      return writer[range.lowerBound / 4..<range.upperBound / 4].allSatisfy { $0 == origin[value.node] }
    }
    for (index, node) in graph.nodes.enumerated() {
      for input in node.inputs where !isIntact(input) { return "node \(index) reads \(input) too late" }
      let value = Value(node: index)
      switch node.operation {
      case .input, .constant: continue
      case .reshape: origin[index] = origin[node.inputs[0].node]
      default:
        guard let range = range(value, in: graph, plan), range.upperBound <= plan.byteCount else {
          return "\(value) has no place"
        }
        for input in node.inputs {
          // Working in place is working on exactly the same bytes, of an input that the operation names.
          guard let other = self.range(input, in: graph, plan), other.overlaps(range) else { continue }
          let positions = node.operation.rule.inPlaceInputs(for: node.inputs.map(graph.spec(of:)))
          guard other == range, positions.contains(where: { node.inputs[$0] == input }),
            node.inputs.filter({ origin[$0.node] == origin[input.node] }).count == 1
          else { return "node \(index) overwrites \(input) while it reads it" }
        }
        for unit in range.lowerBound / 4..<range.upperBound / 4 { writer[unit] = index }
      }
    }
    for value in graph.outputs where !isIntact(value) { return "\(value) is returned, but overwritten" }
    return nil
  }
}

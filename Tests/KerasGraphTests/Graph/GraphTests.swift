import KerasGraph
import Testing

/// `verify` finds each way in which a pass could break a graph.
struct GraphTests {
  /// `%1 = relu(%0); %2 = tanh(%1)`
  private func chain() throws -> Graph {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([2, 3]), name: "x")
    builder.scope = "activation"
    return builder.finish(returning: [try builder.unary(.tanh, try builder.unary(.relu, x))])
  }

  private func complaint(_ change: (inout Graph) -> Void) throws -> String? {
    var graph = try chain()
    change(&graph)
    do {
      try graph.verify()
      return nil
    } catch { return error.description }
  }

  @Test func acceptsWhatTheBuilderMakes() throws {
    #expect(try complaint { _ in } == nil)
  }

  @Test func findsAReadingOfALaterNode() throws {
    #expect(
      try complaint { $0.nodes[1].inputs = [Value(node: 2)] } == """
        Node 1 (unary) reads %2, which is not computed before it.
          in: activation
        """)
  }

  @Test func findsAReadingOfItself() throws {
    #expect(
      try complaint { $0.nodes[1].inputs = [Value(node: 1)] } == """
        Node 1 (unary) reads %1, which is not computed before it.
          in: activation
        """)
  }

  @Test func findsAReadingOfAMissingOutput() throws {
    #expect(
      try complaint { $0.nodes[1].inputs = [Value(node: 0, output: 1)] } == """
        Node 1 (unary) reads %0.1, which is not computed before it.
          in: activation
        """)
  }

  @Test func findsANegativeNode() throws {
    #expect(
      try complaint { $0.nodes[1].inputs = [Value(node: -1)] } == """
        Node 1 (unary) reads %-1, which is not computed before it.
          in: activation
        """)
  }

  @Test func findsAMissingOperand() throws {
    #expect(
      try complaint { $0.nodes[1].inputs = [] } == """
        unary takes 1 input, found 0.
          in: node 1
        """)
  }

  @Test func findsSpecsThatTheRuleDoesNotGive() throws {
    #expect(
      try complaint { $0.nodes[1].operation = .cast(CastOperation(to: .int32)) } == """
        Node 1 (cast) claims float32(2, 3), but its shape rule gives int32(2, 3).
          in: activation
        """)
  }

  @Test func findsOutputsThatAreNotThere() throws {
    #expect(
      try complaint { $0.outputs = [Value(node: 9)] }
        == "The graph's inputs or outputs name %9, which is not there.")
    #expect(
      try complaint { $0.inputs = [Value(node: 0, output: 4)] }
        == "The graph's inputs or outputs name %0.4, which is not there.")
  }

  @Test func printsOneLineANode() throws {
    #expect(
      try chain().description == """
        %0 = input() : float32(2, 3)  # x
        %1 = unary(%0) relu : float32(2, 3)  # activation
        %2 = unary(%1) tanh : float32(2, 3)  # activation
        return %2
        """)
  }

  @Test func countsReadersOncePerReading() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([1]))
    let sum = try builder.add(x, x)
    #expect(builder.finish(returning: [sum]).consumers() == [[1, 1], []])
  }

  @Test func equalConstantsAreRecordedOnce() {
    let builder = GraphBuilder()
    let tensor = Tensor([1, 2] as [Float])
    #expect(builder.constant(tensor) == builder.constant(tensor))
    #expect(builder.constant(tensor) != builder.constant(Tensor([1, 2] as [Float])))
  }
}

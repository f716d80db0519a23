import KerasGraph
import Testing

struct RemoveDeadOperationsTests {
  @Test func dropsWhatNobodyNeedsButKeepsInputs() throws {
    try expect(
      RemoveDeadOperations(),
      turns: """
        %0 = input() : float32(2,)
        %1 = input() : float32(3,)
        %2 = constant() : float32(2,)
        %3 = unary(%0) relu : float32(2,)
        %4 = binary(%3, %2) add : float32(2,)
        %5 = unary(%0) tanh : float32(2,)
        %6 = unary(%5) exponential : float32(2,)
        return %3
        """,
      into: """
        %0 = input() : float32(2,)
        %1 = input() : float32(3,)
        %2 = unary(%0) relu : float32(2,)
        return %2
        """
    ) { builder throws(KerasError) in
      let x = builder.input(TensorSpec([2]))
      _ = builder.input(TensorSpec([3]))
      let constant = builder.zeros([2])
      let kept = try builder.unary(.relu, x)
      _ = try builder.add(kept, constant)
      _ = try builder.unary(.exponential, try builder.unary(.tanh, x))
      return [kept]
    }
  }

  @Test func theInputsKeepTheirOrder() throws {
    let builder = GraphBuilder()
    let inputs = [1, 2, 3].map { builder.input(TensorSpec([$0])) }
    let graph = try RemoveDeadOperations().apply(to: builder.finish(returning: [inputs[2]]))
    #expect(graph.inputs.map { graph.shape(of: $0) } == [[1], [2], [3]])
    #expect(graph.outputs == [graph.inputs[2]])
  }
}

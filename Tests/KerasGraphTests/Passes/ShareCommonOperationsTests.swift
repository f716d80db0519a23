import KerasGraph
import Testing

struct ShareCommonOperationsTests {
  @Test func equalOperationsOnEqualValuesAreOne() throws {
    try expect(
      ShareCommonOperations(),
      turns: """
        %0 = input() : float32(2,)
        %1 = unary(%0) tanh : float32(2,)
        %2 = unary(%0) tanh : float32(2,)
        %3 = unary(%1) square : float32(2,)
        %4 = unary(%2) square : float32(2,)
        %5 = binary(%3, %4) add : float32(2,)
        return %5
        """,
      into: """
        %0 = input() : float32(2,)
        %1 = unary(%0) tanh : float32(2,)
        %2 = unary(%1) square : float32(2,)
        %3 = binary(%2, %2) add : float32(2,)
        return %3
        """
    ) { builder throws(KerasError) in
      let x = builder.input(TensorSpec([2]))
      let (a, b) = (try builder.unary(.tanh, x), try builder.unary(.tanh, x))
      return [try builder.add(builder.unary(.square, a), builder.unary(.square, b))]
    }
  }

  @Test func allOutputsAreShared() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([3]))
    let (first, second) = (try builder.sort(x), try builder.sort(x))
    let graph = try ShareCommonOperations().apply(
      to: builder.finish(returning: [first.values, second.values, second.positions]))
    #expect(graph.nodes.count == 2)
    #expect(graph.outputs == [Value(node: 1), Value(node: 1), Value(node: 1, output: 1)])
  }

  @Test func inputsAreTheCallersOwn() throws {
    try expectUnchanged(by: ShareCommonOperations()) { builder throws(KerasError) in
      let (a, b) = (builder.input(TensorSpec([2])), builder.input(TensorSpec([2])))
      return [try builder.unary(.tanh, a), try builder.unary(.tanh, b), try builder.unary(.square, a)]
    }
  }
}

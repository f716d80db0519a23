import KerasBackendTestSupport
import KerasGraph
import Testing

struct OptimizeScanBodiesTests {
  /// Constants go into the body, where they are folded; what is not constant is still read by every step.
  @Test func constantsGoIntoTheBody() throws {
    let pass = OptimizeScanBodies(with: backendsUnderTest[0].evaluator)
    try expect(
      pass,
      turns: """
        %0 = input() : float32(1, 2)
        %1 = input() : float32(5, 1, 2)
        %2 = constant() : float32(2, 2)
        %3 = input() : float32(2,)
        %4 = scan(%0, %1, %2, %3) 1 states, 1 sequences, 10 nodes : float32(1, 2), float32(5, 1, 2)
          | %0 = input() : float32(1, 2)
          | %1 = input() : float32(1, 2)
          | %2 = input() : float32(2, 2)
          | %3 = input() : float32(2,)
          | %4 = unary(%2) negate : float32(2, 2)
          | %5 = matrixMultiply(%0, %4) : float32(1, 2)
          | %6 = binary(%5, %3) add : float32(1, 2)
          | %7 = cast(%6) to float32 : float32(1, 2)
          | %8 = binary(%7, %1) add : float32(1, 2)
          | %9 = unary(%8) tanh : float32(1, 2)
          | return %9, %9
        return %4, %4.1
        """,
      into: """
        %0 = input() : float32(1, 2)
        %1 = input() : float32(5, 1, 2)
        %2 = constant() : float32(2, 2)
        %3 = input() : float32(2,)
        %4 = scan(%0, %1, %3) 1 states, 1 sequences, 5 nodes : float32(1, 2), float32(5, 1, 2)
          | %0 = input() : float32(1, 2)
          | %1 = input() : float32(1, 2)
          | %2 = input() : float32(2,)
          | %3 = constant() : float32(2, 2)
          | %4 = matrixMultiply(%0, %3, %2, %1) + bias + residual, tanh : float32(1, 2)
          | return %4, %4
        return %4, %4.1
        """
    ) { builder throws(KerasError) in
      let (state, sequence) = (builder.input(TensorSpec([1, 2])), builder.input(TensorSpec([5, 1, 2])))
      let kernel = builder.zeros([2, 2])
      let bias = builder.input(TensorSpec([2]))
      let (states, outputs) = try builder.scan(
        states: [state], over: [sequence], capturing: [kernel, bias]
      ) { (graph, states, elements, captured) throws(KerasError) in
        let product = try graph.matrixMultiply(states[0], graph.unary(.negate, captured[0]))
        let sum = try graph.append(.cast(CastOperation(to: .float32)), [graph.add(product, captured[1])])[0]
        let next = try graph.unary(.tanh, graph.add(sum, elements[0]))
        return ([next], [next])
      }
      return states + outputs
    }
  }

  /// What becomes of a captured weight that is computed from constants.
  @Test func thePipelineFoldsFirst() throws {
    let builder = GraphBuilder()
    let kernel = try builder.transpose(builder.zeros([2, 2]), [1, 0])
    let (states, _) = try builder.scan(
      states: [builder.input(TensorSpec([1, 2]))], over: [builder.input(TensorSpec([5, 1, 2]))],
      capturing: [kernel]
    ) { (graph, states, elements, captured) throws(KerasError) in
      ([try graph.add(graph.matrixMultiply(states[0], captured[0]), elements[0])], [])
    }
    let graph = try backendsUnderTest[0].pipeline.apply(to: builder.finish(returning: states))
    #expect(
      graph.description == """
        %0 = input() : float32(1, 2)
        %1 = input() : float32(5, 1, 2)
        %2 = scan(%0, %1) 1 states, 1 sequences, 4 nodes : float32(1, 2)
          | %0 = input() : float32(1, 2)
          | %1 = input() : float32(1, 2)
          | %2 = constant() : float32(2, 2)
          | %3 = matrixMultiply(%0, %2, %1) + residual : float32(1, 2)
          | return %3
        return %2
        """)
  }
}

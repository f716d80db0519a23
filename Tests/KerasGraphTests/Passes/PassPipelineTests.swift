import KerasGraph
import Testing

struct PassPipelineTests {
  /// A residual block as the layers of a network write it, and what prediction runs.
  @Test func aResidualBlockBecomesTwoConvolutions() throws {
    let builder = GraphBuilder()
    let x = try builder.unary(.relu, builder.input(TensorSpec([1, 6, 6, 2])))
    func block(_ x: Value, _ name: String) throws(KerasError) -> Value {
      builder.scope = name
      let padded = try builder.pad(x, [.none, AxisPadding(1, 1), AxisPadding(1, 1), .none])
      let kernel = builder.constant(Tensor(zeros: [3, 3, 2, 2]))
      let sum = try builder.convolution(padded, kernel: kernel, window: Window([3, 3]))
      let v = builder.constant(Tensor(repeating: 1 as Float, shape: [2]))
      return try builder.batchNormalization(
        try builder.add(sum, v), gamma: v, beta: v, mean: v, variance: v, epsilon: 1e-3)
    }
    let inner = try builder.unary(.relu, try block(x, "a"))
    let sum = try builder.unary(.relu, try builder.add(try block(inner, "b"), x))
    let graph = try PassPipeline.standard().apply(to: builder.finish(returning: [sum]))
    #expect(
      graph.description == """
        %0 = input() : float32(1, 6, 6, 2)
        %1 = unary(%0) relu : float32(1, 6, 6, 2)
        %2 = constant() : float32(3, 3, 2, 2)  # a
        %3 = constant() : float32(2,)  # a
        %4 = constant() : float32(2,)  # a
        %5 = convolution(%1, %2, %3, %4) window [3, 3] padding [1+1, 1+1] · scale + bias, relu \
        : float32(1, 6, 6, 2)  # a
        %6 = constant() : float32(3, 3, 2, 2)  # b
        %7 = constant() : float32(2,)  # b
        %8 = constant() : float32(2,)  # b
        %9 = convolution(%5, %6, %7, %8, %1) window [3, 3] padding [1+1, 1+1] · scale + bias + residual, relu \
        : float32(1, 6, 6, 2)  # b
        return %9
        """)
  }

  @Test func stopsAfterTheNamedPass() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([2]))
    let graph = builder.finish(returning: [try builder.reshape(try builder.unary(.relu, x), to: [2])])
    let early = try PassPipeline.standard().apply(to: graph, through: "FoldConstantReshapes")
    #expect(early.description == graph.description)
    let late = try PassPipeline.standard().apply(to: graph, through: "RemoveIdentityOperations")
    #expect(late.nodes.count == 2)
  }

  @Test func anUnknownPassListsThoseThereAre() throws {
    let error = #expect(throws: KerasError.self) {
      _ = try PassPipeline([FuseBias(), FuseActivation()]).apply(to: Graph(), through: "Fuse")
    }
    #expect(
      error?.description == """
        There is no pass called `Fuse`.
          try: name one of FuseBias, FuseActivation.
        """)
  }

  @Test func aPassThatBreaksTheGraphIsNamed() throws {
    struct BreakOutputs: Pass {
      func apply(to graph: Graph) throws(KerasError) -> Graph {
        var graph = graph
        graph.outputs = [Value(node: 3)]
        return graph
      }
    }
    let error = #expect(throws: KerasError.self) { _ = try PassPipeline([BreakOutputs()]).apply(to: Graph()) }
    #expect(
      error?.description == """
        The graph's inputs or outputs name %3, which is not there.
          in: BreakOutputs
        """)
  }
}

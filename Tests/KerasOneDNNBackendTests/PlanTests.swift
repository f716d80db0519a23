import KerasGraph
import KerasOneDNNBackend
import Testing

/// The plan names every kernel, its code and its layouts.
struct PlanTests {
  @Test func oneLineAKernel() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([1, 8, 8, 16]))
    builder.scope = "shortcut"
    let shortcut = try builder.unary(.relu, x)
    builder.scope = "conv"
    let kernel = builder.constant(Tensor(repeating: 0.1 as Float, shape: [1, 1, 16, 16]))
    let sum = try builder.convolution(shortcut, kernel: kernel, window: Window([1, 1]))
    builder.scope = "join"
    let negated = try builder.unary(.negate, x)
    let joined = try builder.append(
      .convolution(
        ConvolutionOperation(Window([1, 1]), epilogue: Epilogue(hasResidual: true, activation: .relu))),
      [sum, kernel, negated])
    let plan = try OneDNNBackend().prepare(builder.finish(returning: joined)).plan
    #expect(plan.count == 4)
    #expect(plan[0] == "shortcut: relu [1, 8, 8, 16]")
    #expect(plan[1].hasPrefix("conv: "))
    #expect(plan[1].contains("convolution [1, 8, 8, 16] → [1, 8, 8, 16], weights "))
    #expect(plan[2] == "join: negate [1, 8, 8, 16]")
    #expect(plan[3].hasPrefix("join: "))
    #expect(plan[3].hasSuffix(", residual in place"))
  }

  @Test func elementwiseOperationsAreOneKernel() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([1, 8, 8, 16]))
    let shift = builder.constant(Tensor(repeating: 0.1 as Float, shape: [16]))
    let shifted = try builder.add(x, shift)
    let swish = try builder.multiply(shifted, builder.unary(.sigmoid, shifted))
    // Read by others, too: it ends a chain.
    let program = try OneDNNBackend().prepare(
      builder.finish(returning: [swish, builder.reduce(.mean, swish, axes: [1, 2])]))
    #expect(program.plan.count == 2)
    #expect(program.plan[0] == "node 4 (binary): add, sigmoid, multiply [1, 8, 8, 16]")
  }

  /// What a step keeps of a gradient and the weight that it moves are written in one walk over memory, in place.
  @Test func anOptimizersStepIsOneKernel() throws {
    let builder = GraphBuilder()
    let spec = TensorSpec([3, 700])
    let (gradient, weight) = (builder.input(spec), builder.input(spec))
    let (mean, scale) = (builder.input(spec), builder.input(spec))
    func moved(_ average: Value, to target: Value, by rate: Float) throws(KerasError) -> Value {
      let change = try builder.unary(
        .linear(scale: rate, offset: 0), builder.binary(.subtract, target, average))
      return try builder.add(average, change)
    }
    let newMean = try moved(mean, to: gradient, by: 0.5)
    let newScale = try moved(scale, to: builder.unary(.square, gradient), by: 0.25)
    let divisor = try builder.unary(.linear(scale: 1, offset: 0.5), builder.unary(.squareRoot, newScale))
    let newWeight = try builder.binary(.subtract, weight, builder.binary(.divide, newMean, divisor))
    let graph = try builder.finish(
      returning: [],
      states: [
        GraphState(input: weight, update: newWeight), GraphState(input: mean, update: newMean),
        GraphState(input: scale, update: newScale),
      ])
    let program = try OneDNNBackend().prepare(graph)
    #expect(program.plan.count == 1, "\(program.plan)")
    #expect(graph.inputs.first == gradient)

    let store = try OneDNNBackend().makeStates([
      Tensor(zeros: [3, 700]), Tensor(zeros: [3, 700]), Tensor(zeros: [3, 700]),
    ])
    let session = try program.makeSession(on: store)
    let step = try Tensor((0..<2100).map { Float($0 % 5) }, shape: [3, 700])
    for _ in 0..<2 { try session.step([step]) }
    let states = try store.read([0, 1, 2]).map { $0.scalars(as: Float.self) }
    for index in [0, 1, 699, 700, 1403, 2099] {
      let g = Float(index % 5)
      let (means, scales) = ([g / 2, g * 0.75], [g * g / 4, g * g * 0.4375])
      let moves = zip(means, scales).map { $0 / ($1.squareRoot() + 0.5) }
      #expect(abs(states[0][index] + moves[0] + moves[1]) < 1e-5)
      #expect(states[1][index] == means[1])
      #expect(states[2][index] == scales[1])
    }
  }

  @Test func refusesUnknownLengths() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec(Shape([nil, 4])), name: "image")
    let graph = builder.finish(returning: [try builder.unary(.relu, x)])
    let error = #expect(throws: KerasError.self) { _ = try OneDNNBackend().prepare(graph) }
    #expect(
      error?.description == """
        The onednn backend prepares programs for known shapes, found float32(None, 4).
          in: image
          try: give the graph's inputs all their lengths, the batch size too.
        """)
  }

  @Test func refusesSumsOfNothing() throws {
    let builder = GraphBuilder()
    builder.scope = "empty"
    let x = builder.input(TensorSpec([2, 0]))
    let graph = builder.finish(returning: [
      try builder.matrixMultiply(x, builder.constant(Tensor(zeros: [0, 3])))
    ])
    // On one thread, one row at a time is tried first.
    for threads in [1, nil] {
      let error = #expect(throws: KerasError.self) {
        _ = try OneDNNBackend().prepare(graph, options: ProgramOptions(threads: threads))
      }
      #expect(
        error?.description == """
          The onednn backend does not compute sums of no products, found [float32(2, 0), float32(0, 3)].
            in: empty
          """)
    }
  }
}

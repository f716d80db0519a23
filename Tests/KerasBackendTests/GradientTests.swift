import KerasBackendTestSupport
import KerasGraph
import Testing

/// Recorded gradients against finite differences, and the backends on the graphs that gradients are.
struct GradientTests {
  /// - Parameter order: 2 where the derivative is made of operations that have derivatives themselves.
  private func expectGradients(of problem: Problem, order: Int = 1) throws {
    if let found = try checkGradient(of: problem.graph, at: problem.inputs, order: order) {
      Issue.record("\(problem.label): \(found)")
    }
    let gradients = Problem(
      try gradientGraph(of: problem.graph, seed: 3), inputs: problem.inputs,
      summands: 8 * problem.summands + 100,
      label: "gradients of " + problem.label)
    let witness = try NaiveBackend().prepare(gradients.graph, options: ProgramOptions()).run(problem.inputs)
    let size = witness.flatMap { $0.scalars(as: Double.self) }.reduce(1) { max($0, abs($1)) }
    var tolerance = Tolerance.summing(gradients.summands)
    tolerance.absolute *= size
    let rewritten = Problem(
      try backendsUnderTest[0].pipeline.apply(to: gradients.graph), inputs: problem.inputs,
      summands: gradients.summands,
      label: "rewritten " + gradients.label)
    for backend in backendsUnderTest {
      for gradients in [gradients, rewritten] {
        let got = try backend.prepare(gradients.graph, options: ProgramOptions()).run(problem.inputs)
        if let found = difference(between: got, and: witness, tolerance: tolerance) {
          Issue.record("\(backend.name) on \(gradients)\n\(found)")
        }
      }
    }
  }

  @Test(arguments: try Problem.convolutions(48, seed: 71, hasEpilogue: false))
  func convolution(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.convolutionGradients(32, seed: 72))
  func convolutionGradient(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.matrixMultiplies(64, seed: 73, hasEpilogue: false))
  func matrixMultiply(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.poolings(32, seed: 74))
  func pooling(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.poolingGradients(32, seed: 75).filter(\.hasNoTies))
  func poolingGradient(problem: Problem) throws { try expectGradients(of: problem) }

  @Test(arguments: try Problem.reductions(80, seed: 76).filter(\.isFloat32))
  func reduction(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.unaries(144, seed: 77).filter(\.isFloat32))
  func unary(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.binaries(160, seed: 78).filter(\.isFloat32))
  func binary(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.batchNormalizations(24, seed: 79, hasActivation: false))
  func batchNormalization(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.softmaxes(24, seed: 80))
  func softmax(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.standardizations(24, seed: 81).filter(\.isFloat32))
  func standardization(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.movements(60, seed: 82))
  func movement(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.selections(48, seed: 83).filter(\.isFloat32))
  func selection(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.indexings(64, seed: 84).filter(\.isFloat32))
  func indexing(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.sorts(32, seed: 85))
  func sort(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  @Test(arguments: try Problem.cumulatives(80, seed: 86).filter { $0.isFloat32 && $0.isSumOrProduct })
  func cumulative(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  /// A fused cell saves its gates for one derivative; loops that need two are scans.
  @Test(arguments: try Problem.recurrents(48, seed: 87).filter(\.hasNoSavedGates))
  func recurrent(problem: Problem) throws { try expectGradients(of: problem) }

  @Test(arguments: try Problem.scans(64, seed: 88))
  func scan(problem: Problem) throws { try expectGradients(of: problem, order: 2) }

  /// What has no gradient says so by name; what is constant between jumps has none to send on.
  @Test func whatHasNoGradient() throws {
    let builder = GraphBuilder()
    builder.scope = "layer"
    let x = builder.input(TensorSpec([2, 3]))
    let running = try builder.cumulative(.maximum, x, axis: 1)
    let error = #expect(throws: KerasError.self) { _ = try builder.gradients(from: [(running, x)], to: [x]) }
    #expect(
      error?.description == """
        The operation cumulative (maximum axis 1) has no gradient.
          in: layer
        """)
    let position = try builder.cast(builder.argument(.maximum, x, keepsDimensions: true), to: .float32)
    let seed = builder.constant(Tensor(zeros: [2, 1]))
    #expect(try builder.gradients(from: [(position, seed)], to: [x]) == [nil])
  }
}

extension Problem {
  private var operation: KerasGraph.Operation? { graph.outputs.first.map(graph.operation) }

  fileprivate var isFloat32: Bool {
    inputs.allSatisfy { [.float32, .bool, .int32].contains($0.dataType) }
      && graph.outputs.allSatisfy { graph.spec(of: $0).dataType == .float32 }
  }

  fileprivate var hasNoTies: Bool {
    let numbers: [Float] = inputs[0].scalars()
    return Set(numbers).count == numbers.count
  }

  fileprivate var isSumOrProduct: Bool {
    guard case .cumulative(let operation)? = operation else { return true }
    return operation.function == .sum || operation.function == .product
  }

  fileprivate var hasNoSavedGates: Bool {
    guard case .recurrent(let operation)? = operation else { return false }
    return !operation.savesGates
  }
}

import KerasBackendTestSupport
import KerasGraph
import Testing

/// Hundreds of seeded problems for each operation, on every backend, against the naive witness.
struct OperationTests {
  let witness = NaiveBackend()

  private func expectAgreement(on problem: Problem) throws {
    for backend in backendsUnderTest {
      if let found = try disagreement(of: backend, with: witness, on: problem) { Issue.record("\(found)") }
    }
  }

  @Test(
    arguments: try Problem.convolutions(448, seed: 7) + Problem.pointwiseConvolutions(112, seed: 40)
      + Problem.depthwiseConvolutions(112, seed: 41))
  func convolution(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.matrixMultiplies(336, seed: 8))
  func matrixMultiply(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.poolings(256, seed: 9))
  func pooling(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.reductions(256, seed: 10))
  func reduction(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.unaries(288, seed: 11))
  func unary(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.binaries(520, seed: 12))
  func binary(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.batchNormalizations(140, seed: 13))
  func batchNormalization(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.softmaxes(128, seed: 14))
  func softmax(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.movements(400, seed: 15))
  func movement(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.comparisons(240, seed: 16))
  func comparison(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.selections(200, seed: 17))
  func selection(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.standardizations(96, seed: 18))
  func standardization(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.randoms(64, seed: 19))
  func random(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.indexings(256, seed: 20))
  func indexing(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.orderings(160, seed: 21))
  func ordering(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.searches(96, seed: 22))
  func search(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.cumulatives(160, seed: 23))
  func cumulative(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.convolutionGradients(320, seed: 24))
  func convolutionGradient(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.poolingGradients(192, seed: 25))
  func poolingGradient(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.recurrents(160, seed: 26))
  func recurrent(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.recurrentGradients(160, seed: 27))
  func recurrentGradient(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.scans(160, seed: 28))
  func scan(problem: Problem) throws { try expectAgreement(on: problem) }

  /// The window of memory each kernel has depends on the type it computes in.
  @Test(arguments: [DataType.float16, .bfloat16, .float64]) func otherFloats(type: DataType) throws {
    let problems =
      try Problem.convolutions(40, seed: 31) + Problem.convolutionGradients(40, seed: 32)
      + Problem.matrixMultiplies(20, seed: 33) + Problem.poolings(24, seed: 34)
      + Problem.poolingGradients(20, seed: 35) + Problem.reductions(24, seed: 36)
      + Problem.batchNormalizations(12, seed: 37) + Problem.softmaxes(12, seed: 38)
      + Problem.standardizations(12, seed: 39)
    for problem in problems { try expectAgreement(on: problem.stored(as: type)) }
  }

  /// An index outside its axis is an error of the run, never a stray read.
  @Test(arguments: [-1, 3, Int32.max, .min], IndexingKind.allCases)
  func indicesOutsideAreRefused(index: Int32, kind: IndexingKind) throws {
    let builder = GraphBuilder()
    builder.scope = "lookup"
    let (x, indices) = (builder.input(TensorSpec([3, 2])), builder.input(TensorSpec([2, 2], .int32)))
    let updates = builder.input(TensorSpec(kind == .slices ? [2, 2, 2] : [2, 2]))
    let graphs = [
      builder.finish(returning: [try builder.gather(x, at: indices, kind: kind)]),
      builder.finish(returning: [try builder.scatterAdd(updates, at: indices, length: 3, kind: kind)]),
    ]
    let tensors = [
      Tensor(zeros: [3, 2]), try Tensor([0, 1, index, 2], shape: [2, 2]),
      Tensor(zeros: kind == .slices ? [2, 2, 2] : [2, 2]),
    ]
    for backend in backendsUnderTest {
      for graph in graphs {
        let program = try backend.prepare(graph, options: ProgramOptions())
        let error = #expect(throws: KerasError.self) { _ = try program.run(tensors) }
        #expect(
          error?.description == """
            The index \(index) is outside an axis of 3 elements.
              in: lookup
            """)
      }
    }
  }
}

import KerasBackendTestSupport
import KerasGraph
import KerasOneDNNBackend
import Testing

/// bfloat16 is the same computation with three digits; what it is asked for in float32 stays float32.
struct PrecisionTests {
  private let backend = OneDNNBackend()
  private let options = ProgramOptions(precision: .bfloat16)

  private func expectAgreement(on problem: Problem) throws {
    let tolerance = Tolerance.summing(problem.summands, epsilon: 0x1p-8)
    #expect(
      try disagreement(of: backend, with: NaiveBackend(), on: problem, options: options, tolerance: tolerance)
        == nil)
  }

  @Test(arguments: try Problem.convolutions(112, seed: 21))
  func convolution(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.matrixMultiplies(96, seed: 22))
  func matrixMultiply(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.poolings(48, seed: 23))
  func pooling(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.movements(80, seed: 24))
  func movement(problem: Problem) throws { try expectAgreement(on: problem) }

  /// Values of a graph are around 1 and pass some ten roundings.
  @Test(arguments: try Problem.graphs(80, seed: 25))
  func graph(problem: Problem) throws {
    let tolerance = Tolerance(absolute: 0.2, relative: 0.1)
    #expect(
      try disagreement(of: backend, with: NaiveBackend(), on: problem, options: options, tolerance: tolerance)
        == nil)
  }

  /// Between two bfloat16 numbers near 1 lie 65,536 float32 numbers: probabilities must be able to be those.
  @Test func resultsAndSoftmaxStayFloat32() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([1, 64]))
    var choices = RandomChoices(seed: 26, number: 0)
    let scores = try builder.matrixMultiply(x, builder.constant(choices.tensor([64, 10])))
    let graph = builder.finish(returning: [try builder.softmax(scores)])
    let program = try backend.prepare(graph, options: options)
    let probabilities: [Float] = try program.run([choices.tensor([1, 64])])[0].scalars()
    #expect(abs(probabilities.reduce(0, +) - 1) < 1e-6)
    #expect(probabilities.contains { Float(BFloat16($0)) != $0 })
  }

  @Test func graphsOwn16BitFloatsAreComputedInFloat32() throws {
    for type in [DataType.float16, .bfloat16] {
      let builder = GraphBuilder()
      let x = builder.input(TensorSpec([4], type))
      let graph = builder.finish(returning: [try builder.unary(.square, try builder.unary(.negate, x))])
      let input = Tensor([0.5, -1, 1.5, 2] as [Float]).converted(to: type)
      let got = try backend.prepare(graph).run([input])
      #expect(got[0].dataType == type)
      #expect(got[0].scalars(as: Float.self) == [0.25, 1, 2.25, 4])
    }
  }

  @Test func float64StaysFloat64() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([1, 2], .float64))
    let kernel = builder.constant(try Tensor([1, 0x1p-40] as [Double], shape: [2, 1]))
    let graph = builder.finish(returning: [
      try builder.unary(.square, x), try builder.matrixMultiply(x, kernel),
    ])
    for precision in [Precision.float32, .bfloat16] {
      let program = try backend.prepare(graph, options: ProgramOptions(precision: precision))
      let got = try program.run([Tensor([1, 1 + 0x1p-40] as [Double], shape: [1, 2])])
      #expect(got[0].scalars(as: Double.self) == [1, 1 + 0x1p-39 + 0x1p-80])
      #expect(got[1].scalars(as: Double.self) == [1 + 0x1p-40 + 0x1p-80])
    }
  }
}

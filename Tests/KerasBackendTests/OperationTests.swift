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

  @Test(arguments: try Problem.convolutions(448, seed: 7))
  func convolution(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.matrixMultiplies(336, seed: 8))
  func matrixMultiply(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.poolings(256, seed: 9))
  func pooling(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.reductions(256, seed: 10))
  func reduction(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.unaries(160, seed: 11))
  func unary(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.binaries(256, seed: 12))
  func binary(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.batchNormalizations(140, seed: 13))
  func batchNormalization(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.softmaxes(128, seed: 14))
  func softmax(problem: Problem) throws { try expectAgreement(on: problem) }

  @Test(arguments: try Problem.movements(400, seed: 15))
  func movement(problem: Problem) throws { try expectAgreement(on: problem) }
}

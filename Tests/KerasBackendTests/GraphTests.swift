import KerasBackendTestSupport
import KerasGraph
import Testing

/// Random networks: raw as the layers would write them, and after each pass.
struct GraphTests {
  @Test(arguments: try Problem.graphs(160, seed: 21))
  func rawGraphsAgreeWithTheWitness(problem: Problem) throws {
    for backend in backendsUnderTest {
      if let found = try disagreement(of: backend, with: NaiveBackend(), on: problem) {
        Issue.record("\(found)")
      }
    }
  }

  @Test(arguments: try Problem.chains(160, seed: 25), [nil, DataType.bfloat16])
  func chainsAgreeWithTheWitness(problem: Problem, type: DataType?) throws {
    let problem = try type.map { (type) throws(KerasError) in try problem.stored(as: type) } ?? problem
    for backend in backendsUnderTest {
      if let found = try disagreement(of: backend, with: NaiveBackend(), on: problem) {
        Issue.record("\(found)")
      }
    }
  }

  @Test(arguments: try Problem.reducedChains(60, seed: 26))
  func reducedChainsAgreeWithTheWitness(problem: Problem) throws {
    for backend in backendsUnderTest {
      if let found = try disagreement(of: backend, with: NaiveBackend(), on: problem) {
        Issue.record("\(found)")
      }
    }
  }

  /// Within what nine steps may round, of numbers below 1.
  @Test(arguments: try Problem.reducedChains(60, seed: 29, sums: false))
  func reducedChainsOfBFloat16AgreeWithTheWitness(problem: Problem) throws {
    let problem = try problem.stored(as: .bfloat16)
    for backend in backendsUnderTest {
      let found = try disagreement(
        of: backend, with: NaiveBackend(), on: problem, tolerance: Tolerance(absolute: 0.05, relative: 0.02))
      if let found { Issue.record("\(found)") }
    }
  }

  @Test(arguments: try Problem.layouts(240, seed: 23))
  func rawLayoutsAgreeWithTheWitness(problem: Problem) throws {
    for backend in backendsUnderTest {
      if let found = try disagreement(of: backend, with: NaiveBackend(), on: problem) {
        Issue.record("\(found)")
      }
    }
  }

  @Test(arguments: try Problem.graphs(120, seed: 22) + Problem.layouts(240, seed: 24))
  func everyPassKeepsTheMeaning(problem: Problem) throws {
    for backend in backendsUnderTest {
      let raw = try backend.prepare(problem.graph, options: ProgramOptions()).run(problem.inputs)
      for pass in backend.pipeline.passes {
        let rewritten = try backend.pipeline.apply(to: problem.graph, through: pass.name)
        let got = try backend.prepare(rewritten, options: ProgramOptions()).run(problem.inputs)
        let difference = difference(between: got, and: raw, tolerance: .summing(problem.summands))
        if let difference {
          Issue.record("\(backend.name), \(problem)\nthrough \(pass.name):\n\(rewritten)\n\(difference)")
        }
      }
    }
  }
}

import KerasBackendTestSupport
import KerasGraph
import KerasKernels
import KerasOneDNNBackend
import KerasOpenBLASBackend
import Testing

/// A run uses the threads it was asked to, and leaves the caller's setting alone.
struct ThreadTests {
  private let backend = OneDNNBackend()

  @Test func theCallersSettingComesBack() throws {
    let problem = try #require(try Problem.graphs(1, seed: 61).first)
    let program = try backend.prepare(problem.graph, options: ProgramOptions(threads: 1))
    let before = kk_thread_count()
    _ = try program.run(problem.inputs)
    #expect(kk_thread_count() == before)
  }

  @Test(arguments: try Problem.graphs(24, seed: 62))
  func answersDoNotDependOnThreads(problem: Problem) throws {
    let programs = try (1...2).map {
      try backend.prepare(problem.graph, options: ProgramOptions(threads: $0))
    }
    let results = try programs.map { try $0.run(problem.inputs) }
    #expect(
      difference(between: results[0], and: results[1], tolerance: .summing(problem.summands)) == nil,
      "\(programs.map(\.plan))")
  }

  @Test(arguments: [0, -3])
  func refusesNoThreads(count: Int) throws {
    let builder = GraphBuilder()
    let graph = builder.finish(returning: [builder.input(TensorSpec([1]))])
    let error = #expect(throws: KerasError.self) {
      _ = try backend.prepare(graph, options: ProgramOptions(threads: count))
    }
    #expect(
      error?.description == """
        A program needs at least one thread, found \(count).
          try: pass nil for one thread per core.
        """)
  }

  /// A million threads are as many as there are CPUs.
  @Test func doesNotStartMoreThreadsThanThereAreCPUs() throws {
    let problem = try #require(try Problem.graphs(1, seed: 63).first)
    let program = try backend.prepare(problem.graph, options: ProgramOptions(threads: 1_000_000))
    #expect(try program.run(problem.inputs).count == problem.graph.outputs.count)
  }

  /// Programs of other types that are prepared meanwhile change nothing: oneDNN 2.6 itself gets it wrong.
  @Test func programsArePreparedAtOnce() async throws {
    let problems = try Problem.convolutions(400, seed: 64)
    let found = try await withThrowingTaskGroup(of: [String].self) { group in
      for type in [DataType.float32, .bfloat16, .float32, .bfloat16] {
        group.addTask {
          try problems.compactMap {
            try disagreement(of: backend, with: OpenBLASBackend(), on: try $0.stored(as: type))
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(found.isEmpty)
  }
}

import Foundation
import KerasBackendTestSupport
import KerasGraph
import Testing

/// What every backend's programs promise beyond right numbers.
struct ProgramTests {
  /// A small network with branches, in-place operations and a head.
  private func network() throws -> Problem {
    try #require(try Problem.graphs(12, seed: 31).max { $0.graph.nodes.count < $1.graph.nodes.count })
  }

  @Test func fourThreadsGetEqualAnswers() throws {
    let problem = try network()
    for backend in backendsUnderTest {
      let program = try backend.prepare(problem.graph, options: ProgramOptions())
      let expected = try program.run(problem.inputs)
      let finished = DispatchGroup()
      let differences = Differences()
      for _ in 0..<4 {
        finished.enter()
        Thread.detachNewThread {
          for _ in 0..<50 {
            let exact = Tolerance(absolute: 0, relative: 0)
            let got = Result { () throws(KerasError) in try program.run(problem.inputs) }
            switch got {
            case .success(let got): differences.add(difference(between: got, and: expected, tolerance: exact))
            case .failure(let error): differences.add(error.description)
            }
          }
          finished.leave()
        }
      }
      finished.wait()
      #expect(differences.found == [], "\(backend.name) on \(problem)")
    }
  }

  /// Forgetting one arena or answer a run would cost hundreds of megabytes.
  @Test func tenThousandRunsKeepMemoryFlat() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([1, 32, 32, 8]))
    let pooled = try builder.pooling(
      .maximum, try builder.unary(.relu, x), window: Window([2, 2], strides: [2, 2]))
    let kernel = builder.constant(Tensor(repeating: 0.5 as Float, shape: [1, 1, 8, 16]))
    let sum = try builder.convolution(pooled, kernel: kernel, window: Window([1, 1]))
    let graph = builder.finish(returning: [sum])
    let input = Tensor(repeating: 1 as Float, shape: [1, 32, 32, 8])
    for backend in backendsUnderTest {
      let program = try backend.prepare(graph, options: ProgramOptions())
      for _ in 0..<200 { _ = try program.run([input]) }
      let before = try residentMegabytes()
      for _ in 0..<10_000 { _ = try program.run([input]) }
      let growth = try residentMegabytes() - before
      #expect(growth < 64, "\(backend.name) grew by \(growth) MB")
    }
  }

  /// A kernel and the product of two thin ones, as of an adapted layer, are one kernel when they are known.
  @Test func whatConstantsMakeIsMadeOnce() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([1, 40]))
    func weights(_ lengths: [Int]) -> Value {
      builder.constant(Tensor(repeating: 0.5 as Float, shape: lengths))
    }
    let product = try builder.matrixMultiply(weights([40, 2]), weights([2, 30]))
    let kernel = try builder.add(weights([40, 30]), builder.unary(.linear(scale: 2, offset: 0), product))
    let graph = builder.finish(returning: [try builder.matrixMultiply(x, kernel)])
    for backend in backendsUnderTest {
      let prepared = try backend.prepare(optimizing: graph)
      #expect(prepared.graph.nodes.map(\.operation.name) == ["input", "constant", "matrixMultiply"], "\(backend.name)")
      let got = try prepared.program.run([Tensor(repeating: 1 as Float, shape: [1, 40])])[0]
      #expect(got.scalars(as: Float.self) == [Float](repeating: 60, count: 30))
    }
  }

  @Test func inputsAreNotWrittenTo() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([2, 3]))
    let graph = builder.finish(returning: [try builder.unary(.negate, try builder.reshape(x, to: [6])), x])
    let input = try Tensor([1, -2, 3, -4, 5, -6] as [Float], shape: [2, 3])
    for backend in backendsUnderTest {
      let got = try backend.prepare(graph, options: ProgramOptions()).run([input])
      #expect(got[0].scalars(as: Float.self) == [-1, 2, -3, 4, -5, 6])
      #expect(got[1].scalars(as: Float.self) == [1, -2, 3, -4, 5, -6])
      #expect(input.scalars(as: Float.self) == [1, -2, 3, -4, 5, -6])
    }
  }

  @Test func answersOutliveTheNextRun() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([3]))
    let graph = builder.finish(returning: [try builder.unary(.square, x)])
    for backend in backendsUnderTest {
      let program = try backend.prepare(graph, options: ProgramOptions())
      let first = try program.run([Tensor([1, 2, 3] as [Float])])
      let second = try program.run([Tensor([4, 5, 6] as [Float])])
      #expect(first[0].scalars(as: Float.self) == [1, 4, 9])
      #expect(second[0].scalars(as: Float.self) == [16, 25, 36])
    }
  }

  @Test func constantsAndInputsCanBeReturned() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([2]))
    let constant = builder.constant(Tensor([7, 8, 9] as [Float]))
    let graph = builder.finish(returning: [constant, x, try builder.reshape(constant, to: [3, 1])])
    for backend in backendsUnderTest {
      let got = try backend.prepare(graph, options: ProgramOptions()).run([Tensor([1, 2] as [Float])])
      #expect(got.map(\.shape) == [[3], [2], [3, 1]])
      #expect(got.flatMap { $0.scalars(as: Float.self) } == [7, 8, 9, 1, 2, 7, 8, 9])
    }
  }

  @Test func emptyBatchesAreEmptyAnswers() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([0, 4]))
    let kernel = builder.constant(Tensor(repeating: 1 as Float, shape: [4, 2]))
    let graph = builder.finish(returning: [try builder.softmax(try builder.matrixMultiply(x, kernel))])
    for backend in backendsUnderTest {
      let got = try backend.prepare(graph, options: ProgramOptions()).run([Tensor(zeros: [0, 4])])
      #expect(got.map(\.shape) == [[0, 2]])
    }
  }

  @Test func refusesInputsThatDoNotFit() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([2, 3]))
    let graph = builder.finish(returning: [try builder.unary(.relu, x)])
    for backend in backendsUnderTest {
      let program = try backend.prepare(graph, options: ProgramOptions())
      let count = #expect(throws: KerasError.self) { _ = try program.run([]) }
      #expect(count?.description == "Expected 1 input tensor, found 0.")
      let shape = #expect(throws: KerasError.self) { _ = try program.run([Tensor(zeros: [3, 2])]) }
      #expect(shape?.description == "Expected float32(2, 3), found float32(3, 2).\n  in: input 0")
      let type = #expect(throws: KerasError.self) { _ = try program.run([Tensor(zeros: [2, 3], .int32)]) }
      #expect(type?.description == "Expected float32(2, 3), found int32(2, 3).\n  in: input 0")
    }
  }

  /// Resident memory of this process.
  private func residentMegabytes() throws -> Int {
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1]
    return try #require(Int(pages)) * sysconf(Int32(_SC_PAGESIZE)) / 1_000_000
  }
}

/// Gathers findings of several threads.
private final class Differences: @unchecked Sendable {
  private let lock = NSLock()
  private var all: [String] = []

  func add(_ difference: String?) {
    if let difference { lock.withLock { all.append(difference) } }
  }

  var found: [String] { lock.withLock { all } }
}

import KerasBackendTestSupport
import KerasGraph
import KerasOneDNNBackend
import KerasOpenBLASBackend
import Testing

private func numbers(_ tensors: [Tensor]) -> [[Float]] { tensors.map { $0.scalars(as: Float.self) } }

/// Programs with a clock around each kernel, on the backends that have kernels of their own.
struct ProfileTests {
  private let backends: [any Backend] = [OpenBLASBackend(), OneDNNBackend()]

  /// A convolution, a square, which is returned as well, and a mean over `rows` pictures.
  private func network(rows: Int) throws -> (graph: Graph, input: Tensor) {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([rows, 16, 16, 8]))
    builder.scope = "conv"
    let kernel = builder.constant(Tensor(repeating: 0.5 as Float, shape: [3, 3, 8, 8]))
    let sum = try builder.convolution(x, kernel: kernel, window: Window([3, 3]))
    builder.scope = "square"
    let squared = try builder.unary(.square, sum)
    builder.scope = "mean"
    let mean = try builder.reduce(.mean, squared, axes: [1, 2])
    return (builder.finish(returning: [mean, squared]), Tensor(repeating: 0.25 as Float, shape: [rows, 16, 16, 8]))
  }

  @Test func eachKernelIsMeasured() throws {
    let (graph, input) = try network(rows: 1)
    for backend in backends {
      let program = try backend.prepare(graph, options: ProgramOptions(threads: 1))
      let steps = program.steps
      #expect(steps.map(\.layer) == ["conv", "square", "mean"])
      #expect(steps.map(\.operation) == ["convolution", "unary", "reduction"])
      #expect(steps.map(\.multiplyAdds) == [14 * 14 * 8 * 9 * 8, 0, 0])
      #expect(steps.map(\.runCount) == [1, 1, 1])
      #expect(steps[1].byteCount == 2 * 14 * 14 * 8 * 4)
      #expect(steps[0].inputs == [TensorSpec([1, 16, 16, 8]), TensorSpec([3, 3, 8, 8])])
      #expect(steps[2].outputs == [TensorSpec([1, 8])])
      // The plan says the same, after notes.
      for (step, line) in zip(steps, program.plan.suffix(steps.count)) {
        #expect(line.hasSuffix(step.kernel))
      }
      let timed = try program.timedRun([input])
      #expect(numbers(timed.outputs) == (try numbers(program.run([input]))))
      #expect(timed.seconds.count == 3 && timed.seconds.allSatisfy { $0 > 0 })
      let profile = try program.profile([input], repeats: 5)
      #expect(profile.rows.map(\.step) == steps)
      #expect(profile.totals.map(\.count) == [1, 1, 1])
      #expect(profile.totals.map(\.seconds) == profile.rows.map(\.seconds).sorted(by: >))
      #expect(profile.otherSeconds >= 0 && profile.otherSeconds < profile.seconds)
    }
  }

  /// Two threads take three rows each, one at a time: a kernel adds half of what both spend in it.
  @Test func portionsOfABatchAreAddedUp() throws {
    let (graph, input) = try network(rows: 6)
    let program = try OneDNNBackend().prepare(graph, options: ProgramOptions(threads: 2))
    #expect(program.steps.map(\.runCount) == [6, 6, 6])
    #expect(program.steps[0].multiplyAdds == 14 * 14 * 8 * 9 * 8)
    let profile = try program.profile([input], repeats: 20)
    #expect(profile.rows.reduce(0) { $0 + $1.seconds } <= profile.seconds * 1.05)
    #expect(try numbers(program.timedRun([input]).outputs) == numbers(program.run([input])))
  }

  @Test func depthwiseAndGroupedConvolutionsAreToldApart() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([1, 8, 8, 8]))
    func convolved(_ channels: Int, groups: Int) throws -> Value {
      let kernel = builder.constant(Tensor(repeating: 0.5 as Float, shape: [1, 1, channels, 8]))
      return try builder.convolution(x, kernel: kernel, window: Window([1, 1]), groups: groups)
    }
    let graph = builder.finish(
      returning: [try convolved(8, groups: 1), try convolved(2, groups: 4), try convolved(1, groups: 8)])
    for backend in backends {
      let steps = try backend.prepare(graph, options: ProgramOptions()).steps
      #expect(
        steps.filter { $0.multiplyAdds > 0 }.map(\.operation)
          == ["convolution", "groupedConvolution", "depthwiseConvolution"])
    }
  }

  @Test func refusesWhatCannotBeMeasured() throws {
    let (graph, input) = try network(rows: 1)
    let naive = try NaiveBackend().prepare(graph, options: ProgramOptions())
    var error = #expect(throws: KerasError.self) { _ = try naive.profile([input], repeats: 1) }
    #expect(error?.kind == .unsupported && error?.description == "This backend does not measure its kernels.")
    let program = try OneDNNBackend().prepare(graph)
    error = #expect(throws: KerasError.self) { _ = try program.profile([input], repeats: 0) }
    #expect(error?.description == "A profile needs at least one run, found 0.")
    error = #expect(throws: KerasError.self) { _ = try program.profile([], repeats: 1) }
    #expect(error?.description == "Expected 1 input tensor, found 0.")
  }
}

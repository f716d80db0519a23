import KerasBackendTestSupport
import KerasGraph
import KerasOneDNNBackend
import KerasOpenBLASBackend
import Testing

/// Batches larger than the number of threads are computed a few rows a thread.
struct BatchTests {
  private let backend = OneDNNBackend()

  /// One thread, so that every batch of three is divided.
  @Test(arguments: try Problem.graphs(120, seed: 51))
  func anyGraph(problem: Problem) throws {
    let options = ProgramOptions(threads: 1)
    #expect(try disagreement(of: backend, with: OpenBLASBackend(), on: problem, options: options) == nil)
  }

  /// A convolution and a dense layer on `batch` images.
  private func network(batch: Int) throws -> Problem {
    var choices = RandomChoices(seed: 52, number: batch)
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([batch, 8, 8, 3]))
    let kernel = builder.constant(choices.tensor([3, 3, 3, 16]))
    let image = try builder.convolution(x, kernel: kernel, window: Window([3, 3], strides: [2, 2]))
    let features = try builder.reshape(try builder.unary(.relu, image), to: [-1, 144])
    let scores = try builder.matrixMultiply(features, builder.constant(choices.tensor([144, 5])))
    return Problem(
      builder.finish(returning: [try builder.softmax(scores), features]),
      inputs: [choices.tensor([batch, 8, 8, 3])],
      summands: 300, label: "\(batch) images")
  }

  @Test(arguments: [3, 4, 5, 7, 32, 33], [Precision.float32, .bfloat16])
  func everyRowIsComputed(batch: Int, precision: Precision) throws {
    let problem = try network(batch: batch)
    let options = ProgramOptions(precision: precision, threads: 2)
    let tolerance: Tolerance? = precision == .float32 ? nil : Tolerance(absolute: 0.1, relative: 0.05)
    #expect(
      try disagreement(
        of: backend, with: OpenBLASBackend(), on: problem, options: options, tolerance: tolerance) == nil)
    let plan = try backend.prepare(problem.graph, options: options).plan
    #expect(plan[0].hasPrefix("Each thread computes"), "\(plan)")
    #expect(plan[0].hasSuffix("of \(batch) rows at once."), "\(plan)")
  }

  @Test func oneRowForEachThreadIsComputedTogether() throws {
    let plan = try backend.prepare(try network(batch: 1).graph, options: ProgramOptions(threads: 1)).plan
    #expect(!plan.contains { $0.hasPrefix("Each thread") })
  }

  @Test func rowsThatDependOnEachOtherAreComputedTogether() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([8, 4]))
    let mixtures = [
      try builder.softmax(x, axis: 0), try builder.reduce(.sum, x, axes: [0]),
      try builder.transpose(x, [1, 0]),
      try builder.reshape(x, to: [4, 8]), try builder.slice(x, starts: [1, 0], ends: [8, 4]),
      try builder.concatenate([x, x], axis: 0), builder.constant(Tensor(zeros: [8, 4])),
      try builder.add(x, builder.constant(Tensor(repeating: 1 as Float, shape: [8, 1]))),
      try builder.matrixMultiply(x, x, transposesFirst: true),
      try builder.matrixMultiply(x, x, transposesSecond: true),
      try builder.pad(x, [AxisPadding(1, 0), .none]),
    ]
    for mixture in mixtures {
      let graph = builder.finish(returning: [mixture])
      let program = try backend.prepare(graph, options: ProgramOptions(threads: 1))
      #expect(!program.plan.contains { $0.hasPrefix("Each thread") }, "\(graph)")
    }
  }
}

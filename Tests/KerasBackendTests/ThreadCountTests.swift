import KerasBackendTestSupport
import KerasGraph
import KerasOneDNNBackend
import KerasOpenBLASBackend
import Testing

/// How many threads compute a step of training shows in no bit of what it leaves.
@Suite(.serialized) struct ThreadCountTests {
  /// - Parameter isChecked: whether the numbers are the plain backend's, too.
  private func expectSameBits(_ problems: [Problem], isChecked: Bool = true) throws {
    var wrong: [String] = []
    for problem in try problems.map({ try $0.asStep() }) {
      var results: [[[UInt32]]] = []
      var plan: [String] = []
      for threads in 1...2 {
        let program = try OneDNNBackend().prepare(problem.graph, options: ProgramOptions(threads: threads))
        plan = program.plan
        results.append(try program.run(problem.inputs).map { $0.scalars(as: Float.self).map(\.bitPattern) })
      }
      if isChecked, let found = try disagreement(of: OneDNNBackend(), with: OpenBLASBackend(), on: problem) {
        Issue.record("\(found)")
      }
      if results[0] != results[1] { wrong.append(([problem.label] + plan).joined(separator: "\n")) }
    }
    for problem in wrong { Issue.record("\(problem)") }
    #expect(wrong.isEmpty, "\(wrong.count) of \(problems.count)")
  }

  @Test func convolutions() throws { try expectSameBits(Problem.convolutions(300, seed: 57)) }
  @Test func convolutionGradients() throws { try expectSameBits(Problem.convolutionGradients(300, seed: 54)) }
  @Test func products() throws { try expectSameBits(Problem.matrixMultiplies(300, seed: 58)) }
  @Test func pooling() throws {
    try expectSameBits(Problem.poolings(100, seed: 59) + Problem.poolingGradients(100, seed: 55))
  }
  @Test func reductions() throws { try expectSameBits(Problem.reductions(200, seed: 51)) }
  @Test func chains() throws { try expectSameBits(Problem.reducedChains(60, seed: 28)) }
  @Test func normalizations() throws {
    try expectSameBits(
      Problem.batchNormalizations(60, seed: 53) + Problem.standardizations(60, seed: 52)
        + Problem.softmaxes(60, seed: 50))
  }
  @Test func recurrences() throws {
    try expectSameBits(Problem.recurrents(80, seed: 26) + Problem.recurrentGradients(80, seed: 27))
  }

  /// What has no rows is divided into no parts.
  @Test func productsOfNothing() throws {
    for (first, second) in [(false, false), (true, false), (false, true)] {
      let builder = GraphBuilder()
      let x = builder.input(TensorSpec(first ? [8, 0] : [0, 8]))
      let w = builder.input(TensorSpec(second ? [4, 8] : [8, 4]))
      let y = try builder.matrixMultiply(x, w, transposesFirst: first, transposesSecond: second)
      let step = try Problem(
        builder.finish(returning: [y]),
        inputs: [Tensor(zeros: first ? [8, 0] : [0, 8]), Tensor(zeros: second ? [4, 8] : [8, 4])],
        summands: 1,
        label: "no rows"
      ).asStep()
      let found = try OneDNNBackend().prepare(step.graph).run(step.inputs)
      #expect(found[0].shape == [0, 4])
    }
  }

  @Test func shapesOfTraining() throws {
    var problems: [Problem] = []
    func add(_ label: String, _ inputs: [[Int]], _ make: (GraphBuilder, [Value]) throws -> Value) throws {
      let builder = GraphBuilder()
      let values = inputs.map { builder.input(TensorSpec($0)) }
      let graph = builder.finish(returning: [try make(builder, values)])
      let random = CounterRandom(seed: 3)
      let tensors = try inputs.enumerated().map { stream, shape in
        try Tensor(
          (0..<shape.reduce(1, *)).map {
            Float(random.uniform(stream: UInt64(stream), at: UInt64($0)) - 0.5)
          },
          shape: shape)
      }
      problems.append(Problem(graph, inputs: tensors, summands: 1, label: label))
    }
    for (rows, depth, columns) in [
      (128, 784, 512), (128, 512, 10), (16, 7200, 5), (32, 9216, 128), (32, 2048, 1000), (960, 32, 96),
      (16, 300, 513), (8, 4096, 16), (192, 24, 80), (100, 64, 64), (512, 27, 33),
    ] {
      for (first, second) in [(false, false), (true, false), (false, true)] {
        try add(
          "\(rows)×\(depth)×\(columns) \(first) \(second)",
          [first ? [depth, rows] : [rows, depth], second ? [columns, depth] : [depth, columns]]
        ) {
          try $0.matrixMultiply($1[0], $1[1], transposesFirst: first, transposesSecond: second)
        }
      }
    }
    for (size, channels, filters, place, stride) in [
      (28, 1, 32, 3, 1), (26, 32, 64, 3, 1), (32, 16, 16, 3, 1), (16, 16, 32, 3, 2), (14, 3, 24, 3, 1),
      (12, 24, 40, 3, 1), (8, 64, 64, 3, 1), (14, 64, 128, 1, 1), (7, 256, 256, 3, 1), (5, 200, 168, 3, 1),
      (32, 3, 16, 7, 2),
    ] {
      let window = Window([place, place], strides: [stride, stride])
      let out = (size - place) / stride + 1
      let (x, k, y) = (
        [16, size, size, channels], [place, place, channels, filters], [16, out, out, filters]
      )
      try add("forward \(x) \(k)", [x, k]) { try $0.convolution($1[0], kernel: $1[1], window: window) }
      try add("kernel \(x) \(k)", [x, y]) { builder, values in
        try builder.convolutionKernelGradient(
          image: values[0], upstream: values[1], window: window)
      }
    }
    try expectSameBits(problems, isChecked: false)
  }
}

extension Problem {
  /// With a state more, which makes it a step of training: a number that counts runs.
  fileprivate func asStep() throws -> Problem {
    let builder = GraphBuilder()
    var values: [Value: Value] = [:]
    for (index, node) in graph.nodes.enumerated() {
      let made: [Value]
      switch node.operation {
      case .input: made = [builder.input(node.outputs[0])]
      default: made = try builder.append(node.operation, node.inputs.compactMap { values[$0] })
      }
      for (output, value) in made.enumerated() { values[Value(node: index, output: output)] = value }
    }
    let count = builder.input(TensorSpec([] as [Int]))
    let state = GraphState(input: count, update: try builder.add(count, builder.scalar(1)))
    return Problem(
      try builder.finish(returning: graph.outputs.compactMap { values[$0] }, states: [state]),
      inputs: inputs + [Tensor(scalar: 0 as Float)], summands: summands, label: label)
  }
}

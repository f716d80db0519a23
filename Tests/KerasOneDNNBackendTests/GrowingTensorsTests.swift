import KerasBackendTestSupport
import KerasGraph
import KerasOneDNNBackend
import KerasOpenBLASBackend
import Testing

/// What a dense block adds to stands where it will be needed: in the memory of what it grows into.
struct GrowingTensorsTests {
  private let backend = OneDNNBackend()

  /// Blocks of normalization, convolution and joining, `count` times, and a convolution of all there is then.
  ///
  /// - Parameters:
  ///   - growth: channels that each block adds.
  ///   - isReadElsewhere: whether something that is no normalization reads what the first block leaves.
  private func network(
    _ count: Int, growth: Int, lengths: [Int], type: DataType, isReadElsewhere: Bool = false
  ) throws -> Problem {
    var choices = RandomChoices(seed: 71, number: count * 100 + growth)
    let builder = GraphBuilder()
    func constant(_ shape: [Int], in range: ClosedRange<Double> = -1...1) throws -> Value {
      try builder.cast(builder.constant(choices.tensor(shape, in: range)), to: type)
    }
    var x = builder.input(TensorSpec(lengths, type))
    var channels = lengths[3]
    var outputs: [Value] = []
    for block in 0..<count {
      let normalized = try builder.batchNormalization(
        x, gamma: constant([channels]), beta: constant([channels]), mean: constant([channels]),
        variance: constant([channels], in: 0.5...2), epsilon: 0.01)
      let kernel = try constant([1, 1, channels, growth])
      let new = try builder.convolution(
        builder.unary(.relu, normalized), kernel: kernel, window: Window([1, 1]))
      x = try builder.concatenate([x, new], axis: 3)
      channels += growth
      if isReadElsewhere, block == 0 { outputs.append(try builder.reduce(.maximum, x, axes: [1, 2])) }
    }
    let end = try builder.convolution(x, kernel: constant([1, 1, channels, 8]), window: Window([1, 1]))
    let input = choices.tensor(lengths).converted(to: type)
    return Problem(
      builder.finish(returning: outputs + [end, x]), inputs: [input], summands: channels,
      label: "\(count) blocks of \(growth) on \(lengths), \(type)")
  }

  @Test(arguments: [2, 3, 6], [4, 16, 32])
  func growsToTheSame(count: Int, growth: Int) throws {
    for (type, precision) in [
      (DataType.float32, Precision.float32), (.float32, .bfloat16), (.bfloat16, .float32),
      (.float16, .float32),
    ] {
      for isReadElsewhere in [false, true] {
        let problem = try network(
          count, growth: growth, lengths: [2, 9, 7, 16], type: type, isReadElsewhere: isReadElsewhere)
        let isHalf = type != .float32 || precision == .bfloat16
        let tolerance =
          isHalf ? Tolerance(absolute: 2, relative: 0.05) : Tolerance(absolute: 2e-3, relative: 2e-4)
        for threads in [1, 2] {
          let options = ProgramOptions(precision: precision, threads: threads)
          #expect(
            try disagreement(
              of: backend, with: OpenBLASBackend(), on: problem, options: options, tolerance: tolerance)
              == nil)
        }
      }
    }
  }

  @Test func copiesOnlyWhatIsNew() throws {
    func copies(_ problem: Problem) throws -> [String] {
      try backend.prepare(problem.graph).plan.filter { $0.contains("concatenate") }
        .map { String($0.drop { $0 != "[" }) }
    }
    let lengths = [1, 9, 7, 16]
    #expect(
      try copies(network(3, growth: 4, lengths: lengths, type: .float32)) == [
        "[1, 9, 7, 16] → [1, 9, 7, 20]", "[1, 9, 7, 4] → [1, 9, 7, 20]", "[1, 9, 7, 4] → [1, 9, 7, 24]",
        "[1, 9, 7, 4] → [1, 9, 7, 28]",
      ])
    // The maximum over pixels is no normalization.
    #expect(
      try copies(network(3, growth: 4, lengths: lengths, type: .float32, isReadElsewhere: true)).count == 5)
  }
}

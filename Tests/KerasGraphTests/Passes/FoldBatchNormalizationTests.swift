import KerasGraph
import Testing

struct FoldBatchNormalizationTests {
  private func normalize(
    _ x: Value, _ builder: GraphBuilder, gamma: Float = 2, beta: Float = 3, mean: Float = 5,
    variance: Float = 3.75
  ) throws(KerasError) -> Value {
    func statistic(_ number: Float) -> Value { builder.constant(Tensor(repeating: number, shape: [4])) }
    return try builder.batchNormalization(
      x, gamma: statistic(gamma), beta: statistic(beta), mean: statistic(mean), variance: statistic(variance),
      epsilon: 0.25)
  }

  @Test func becomesScaleAndBias() throws {
    try expect(
      FoldBatchNormalization(),
      turns: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = constant() : float32(3, 3, 2, 4)
        %2 = convolution(%0, %1) window [3, 3] : float32(1, 3, 3, 4)
        %3 = constant() : float32(4,)
        %4 = constant() : float32(4,)
        %5 = constant() : float32(4,)
        %6 = constant() : float32(4,)
        %7 = batchNormalization(%2, %3, %4, %5, %6) epsilon 0.25 : float32(1, 3, 3, 4)
        return %7
        """,
      into: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = constant() : float32(3, 3, 2, 4)
        %2 = convolution(%0, %1) window [3, 3] : float32(1, 3, 3, 4)
        %3 = constant() : float32(4,)
        %4 = constant() : float32(4,)
        %5 = constant() : float32(4,)
        %6 = constant() : float32(4,)
        %7 = constant() : float32(4,)
        %8 = constant() : float32(4,)
        %9 = convolution(%0, %1, %7, %8) window [3, 3] · scale + bias : float32(1, 3, 3, 4)
        return %9
        """
    ) { builder throws(KerasError) in
      [try normalize(try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2]))), builder)]
    }
  }

  /// s = 2/√(3.75 + 0.25) = 1; b = (7 − 5)·s + 3 = 5, and without a bias (0 − 5)·s + 3 = −2.
  @Test(arguments: [(7, 5), (nil, -2)] as [(Float?, Float)])
  func computesScaleAndBias(bias: Float?, expected: Float) throws {
    let builder = GraphBuilder()
    var sum = try builder.matrixMultiply(builder.input(TensorSpec([1, 3])), builder.zeros([3, 4]))
    if let bias { sum = try builder.add(sum, builder.constant(Tensor(repeating: bias, shape: [4]))) }
    let graph = builder.finish(returning: [try normalize(sum, builder)])
    let folded = try FoldBatchNormalization().apply(to: try FuseBias().apply(to: graph))
    let inputs = folded.nodes[folded.outputs[0].node].inputs
    #expect(folded.constant(inputs[2])?.scalars(as: Float.self) == [1, 1, 1, 1])
    #expect(folded.constant(inputs[3])?.scalars(as: Float.self) == [Float](repeating: expected, count: 4))
  }

  /// What mixed precision writes. The bias 7.0001 is 7 by then.
  @Test(arguments: [DataType.bfloat16, .float16]) func foldsThroughConversions(type: DataType) throws {
    let builder = GraphBuilder()
    func narrow(_ x: Value) throws -> Value { try builder.cast(x, to: type) }
    let bias = try narrow(builder.constant(Tensor(repeating: 7.0001 as Float, shape: [4])))
    let kernel = try narrow(builder.zeros([3, 4]))
    let sum = try builder.add(
      try builder.matrixMultiply(builder.input(TensorSpec([1, 3], type)), kernel), bias)
    let normalized = try narrow(try normalize(try builder.cast(sum, to: .float32), builder))
    let graph = builder.finish(returning: [normalized])
    let folded = try RemoveDeadOperations().apply(
      to: try FoldBatchNormalization().apply(to: try FuseBias().apply(to: graph)))
    try folded.verify()
    #expect(!folded.nodes.contains { $0.operation.name == "batchNormalization" })
    let result = folded.nodes[folded.outputs[0].node]
    #expect(result.outputs == [TensorSpec([1, 4], type)])
    #expect(folded.constant(result.inputs[2])?.scalars(as: Float.self) == [1, 1, 1, 1])
    #expect(folded.constant(result.inputs[3])?.scalars(as: Float.self) == [5, 5, 5, 5])
  }

  @Test func leavesConversionsThatOthersRead() throws {
    try expectUnchanged(by: FoldBatchNormalization()) { builder throws(KerasError) in
      let kernel = try builder.cast(builder.zeros([3, 4]), to: .bfloat16)
      let sum = try builder.matrixMultiply(builder.input(TensorSpec([1, 3], .bfloat16)), kernel)
      let wide = try builder.cast(sum, to: .float32)
      return [try builder.cast(try normalize(wide, builder), to: .bfloat16), wide]
    }
    try expectUnchanged(by: FoldBatchNormalization()) { builder throws(KerasError) in
      let kernel = try builder.cast(builder.zeros([3, 4]), to: .bfloat16)
      let sum = try builder.matrixMultiply(builder.input(TensorSpec([1, 3], .bfloat16)), kernel)
      return [try builder.cast(try normalize(try builder.cast(sum, to: .float32), builder), to: .float16)]
    }
  }

  @Test func leavesSumsThatOthersRead() throws {
    try expectUnchanged(by: FoldBatchNormalization()) { builder throws(KerasError) in
      let sum = try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2])))
      return [try normalize(sum, builder), sum]
    }
  }

  @Test func leavesComputedStatistics() throws {
    try expectUnchanged(by: FoldBatchNormalization()) { builder throws(KerasError) in
      let sum = try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2])))
      let mean = builder.input(TensorSpec([4]))
      let one = builder.constant(Tensor(repeating: 1 as Float, shape: [4]))
      return [
        try builder.batchNormalization(sum, gamma: one, beta: one, mean: mean, variance: one, epsilon: 0.25)
      ]
    }
  }

  @Test func leavesNormalizationsOfOtherThings() throws {
    try expectUnchanged(by: FoldBatchNormalization()) { builder throws(KerasError) in
      [try normalize(builder.input(TensorSpec([1, 4])), builder)]
    }
  }

  @Test func leavesSumsThatAreAlreadyActivated() throws {
    try expectUnchanged(by: FoldBatchNormalization()) { builder throws(KerasError) in
      let operation = ConvolutionOperation(Window([3, 3]), epilogue: Epilogue(activation: .relu))
      let x = builder.input(TensorSpec([1, 5, 5, 2]))
      let sum = try builder.append(.convolution(operation), [x, builder.zeros([3, 3, 2, 4])])[0]
      return [try normalize(sum, builder)]
    }
  }
}

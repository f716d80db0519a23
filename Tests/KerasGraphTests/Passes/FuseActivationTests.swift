import KerasGraph
import Testing

struct FuseActivationTests {
  @Test func aConvolutionAppliesTheFunction() throws {
    try expect(
      FuseActivation(),
      turns: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = constant() : float32(3, 3, 2, 4)
        %2 = convolution(%0, %1) window [3, 3] : float32(1, 3, 3, 4)
        %3 = unary(%2) clip(low: 0.0, high: 6.0) : float32(1, 3, 3, 4)
        return %3
        """,
      into: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = constant() : float32(3, 3, 2, 4)
        %2 = convolution(%0, %1) window [3, 3] : float32(1, 3, 3, 4)
        %3 = convolution(%0, %1) window [3, 3], clip(low: 0.0, high: 6.0) : float32(1, 3, 3, 4)
        return %3
        """
    ) { builder throws(KerasError) in
      let sum = try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2])))
      return [try builder.unary(.clip(low: 0, high: 6), sum)]
    }
  }

  @Test func aBatchNormalizationAppliesTheFunction() throws {
    try expect(
      FuseActivation(),
      turns: """
        %0 = input() : float32(1, 4)
        %1 = constant() : float32(4,)
        %2 = batchNormalization(%0, %1, %1, %1, %1) epsilon 0.5 : float32(1, 4)
        %3 = unary(%2) relu : float32(1, 4)
        return %3
        """,
      into: """
        %0 = input() : float32(1, 4)
        %1 = constant() : float32(4,)
        %2 = batchNormalization(%0, %1, %1, %1, %1) epsilon 0.5 : float32(1, 4)
        %3 = batchNormalization(%0, %1, %1, %1, %1) epsilon 0.5, relu : float32(1, 4)
        return %3
        """
    ) { builder throws(KerasError) in
      let x = builder.input(TensorSpec([1, 4]))
      let v = builder.zeros([4])
      return [
        try builder.unary(
          .relu, try builder.batchNormalization(x, gamma: v, beta: v, mean: v, variance: v, epsilon: 0.5))
      ]
    }
  }

  /// The first function is fused; what is then a convolution with a function takes no second one.
  @Test func takesOneFunctionOnly() throws {
    let builder = GraphBuilder()
    let sum = try builder.matrixMultiply(builder.input(TensorSpec([1, 2])), builder.zeros([2, 3]))
    let graph = builder.finish(returning: [try builder.unary(.tanh, try builder.unary(.relu, sum))])
    #expect(
      try FuseActivation().apply(to: graph).description == """
        %0 = input() : float32(1, 2)
        %1 = constant() : float32(2, 3)
        %2 = matrixMultiply(%0, %1) : float32(1, 3)
        %3 = matrixMultiply(%0, %1) relu : float32(1, 3)
        %4 = unary(%3) tanh : float32(1, 3)
        return %4
        """)
  }

  @Test func leavesSumsThatOthersRead() throws {
    try expectUnchanged(by: FuseActivation()) { builder throws(KerasError) in
      let sum = try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2])))
      return [try builder.unary(.relu, sum), try builder.unary(.tanh, sum)]
    }
  }
}

import KerasGraph
import Testing

struct FuseBiasTests {
  @Test(arguments: [true, false])
  func aConvolutionAddsTheVector(biasComesSecond: Bool) throws {
    try expect(
      FuseBias(),
      turns: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = constant() : float32(3, 3, 2, 4)
        %2 = convolution(%0, %1) window [3, 3] : float32(1, 3, 3, 4)
        %3 = constant() : float32(4,)
        %4 = binary(\(biasComesSecond ? "%2, %3" : "%3, %2")) add : float32(1, 3, 3, 4)
        return %4
        """,
      into: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = constant() : float32(3, 3, 2, 4)
        %2 = convolution(%0, %1) window [3, 3] : float32(1, 3, 3, 4)
        %3 = constant() : float32(4,)
        %4 = convolution(%0, %1, %3) window [3, 3] + bias : float32(1, 3, 3, 4)
        return %4
        """
    ) { builder throws(KerasError) in
      let sum = try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2])))
      let bias = builder.zeros([4])
      return [try biasComesSecond ? builder.add(sum, bias) : builder.add(bias, sum)]
    }
  }

  @Test func leavesSumsThatOthersRead() throws {
    try expectUnchanged(by: FuseBias()) { builder throws(KerasError) in
      let sum = try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2])))
      return [try builder.add(sum, builder.zeros([4])), sum]
    }
  }

  @Test func leavesOneNumberForAllChannels() throws {
    try expectUnchanged(by: FuseBias()) { builder throws(KerasError) in
      let sum = try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2])))
      return [try builder.add(sum, builder.zeros([1]))]
    }
  }

  @Test func leavesOtherFunctions() throws {
    try expectUnchanged(by: FuseBias()) { builder throws(KerasError) in
      let sum = try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2])))
      return [try builder.multiply(sum, builder.zeros([4]))]
    }
  }

  /// A vector that stretches the result is no bias: here one row of sums becomes four.
  @Test func leavesVectorsThatStretchTheSum() throws {
    try expectUnchanged(by: FuseBias()) { builder throws(KerasError) in
      let sum = try builder.matrixMultiply(builder.input(TensorSpec([2, 3])), builder.zeros([3, 1]))
      return [try builder.add(sum, builder.zeros([4]))]
    }
  }

  @Test func takesOneVectorOnly() throws {
    let builder = GraphBuilder()
    let sum = try builder.matrixMultiply(builder.input(TensorSpec([1, 2])), builder.zeros([2, 3]))
    let twice = try builder.add(try builder.add(sum, builder.zeros([3])), builder.zeros([3]))
    let fused = try FuseBias().apply(to: builder.finish(returning: [twice]))
    #expect(fused.description.hasSuffix("%6 = binary(%4, %5) add : float32(1, 3)\nreturn %6"))
  }
}

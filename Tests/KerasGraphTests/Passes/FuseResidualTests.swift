import KerasGraph
import Testing

struct FuseResidualTests {
  @Test func aConvolutionAddsTheOtherBranch() throws {
    try expect(
      FuseResidual(),
      turns: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = input() : float32(1, 3, 3, 4)
        %2 = constant() : float32(3, 3, 2, 4)
        %3 = convolution(%0, %2) window [3, 3] : float32(1, 3, 3, 4)
        %4 = binary(%1, %3) add : float32(1, 3, 3, 4)
        return %4
        """,
      into: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = input() : float32(1, 3, 3, 4)
        %2 = constant() : float32(3, 3, 2, 4)
        %3 = convolution(%0, %2) window [3, 3] : float32(1, 3, 3, 4)
        %4 = convolution(%0, %2, %1) window [3, 3] + residual : float32(1, 3, 3, 4)
        return %4
        """
    ) { builder throws(KerasError) in
      let x = builder.input(TensorSpec([1, 5, 5, 2]))
      let shortcut = builder.input(TensorSpec([1, 3, 3, 4]))
      return [try builder.add(shortcut, try builder.convolution(x))]
    }
  }

  @Test(arguments: [true, false])
  func ofTwoConvolutionsTheLaterAddsTheEarlier(laterComesSecond: Bool) throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([1, 5, 5, 2]))
    let (first, second) = (try builder.convolution(x), try builder.convolution(x))
    let sum = try laterComesSecond ? builder.add(first, second) : builder.add(second, first)
    let fused = try FuseResidual().apply(to: builder.finish(returning: [sum]))
    #expect(
      fused.description.hasSuffix(
        "%5 = convolution(%0, %3, %2) window [3, 3] + residual : float32(1, 3, 3, 4)\nreturn %5"))
  }

  @Test func leavesAStretchedBranch() throws {
    try expectUnchanged(by: FuseResidual()) { builder throws(KerasError) in
      let sum = try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2])))
      return [try builder.add(sum, builder.input(TensorSpec([1, 1, 1, 4])))]
    }
  }

  @Test func leavesASumAddedToItself() throws {
    try expectUnchanged(by: FuseResidual()) { builder throws(KerasError) in
      let sum = try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2])))
      return [try builder.add(sum, sum)]
    }
  }

  @Test func leavesSumsThatOthersRead() throws {
    try expectUnchanged(by: FuseResidual()) { builder throws(KerasError) in
      let sum = try builder.convolution(builder.input(TensorSpec([1, 5, 5, 2])))
      return [try builder.add(sum, builder.input(TensorSpec([1, 3, 3, 4]))), sum]
    }
  }

  @Test func leavesSumsThatAreAlreadyActivated() throws {
    try expectUnchanged(by: FuseResidual()) { builder throws(KerasError) in
      let operation = MatrixMultiplyOperation(epilogue: Epilogue(activation: .relu))
      let sum = try builder.append(
        .matrixMultiply(operation), [builder.input(TensorSpec([1, 2])), builder.zeros([2, 3])])[0]
      return [try builder.add(sum, builder.input(TensorSpec([1, 3])))]
    }
  }
}

import KerasBackendTestSupport
import KerasGraph
import Testing

struct FoldConstantsTests {
  private let pass: FoldConstants

  init() throws { pass = FoldConstants(with: try #require(backendsUnderTest[0].evaluator)) }

  @Test func whatFollowsFromConstantsIsAConstant() throws {
    try expect(
      pass,
      turns: """
        %0 = constant() : float32(2, 3)
        %1 = transpose(%0) [1, 0] : float32(3, 2)
        %2 = constant() : float32()
        %3 = binary(%1, %2) multiply : float32(3, 2)
        %4 = reshape(%3) [6] : float32(6,)
        return %4
        """,
      into: """
        %0 = constant() : float32(2, 3)
        %1 = constant() : float32(3, 2)
        %2 = constant() : float32()
        %3 = constant() : float32(3, 2)
        %4 = constant() : float32(6,)
        return %4
        """
    ) { builder throws(KerasError) in
      let transposed = try builder.transpose(builder.zeros([2, 3]), [1, 0])
      return [try builder.reshape(builder.multiply(transposed, builder.scalar(2)), to: [6])]
    }
  }

  @Test func theNumbersAreWhatARunWouldGive() throws {
    let builder = GraphBuilder()
    let (a, b) = (builder.constant(try Tensor([[1 as Float, 2, 3]])), builder.constant(try Tensor([[4 as Float], [5]])))
    let product = try builder.matrixMultiply(b, a)
    let folded = try pass.apply(
      to: builder.finish(returning: [try builder.reduce(.sum, builder.transpose(product, [1, 0]), axes: [1])]))
    #expect(try #require(folded.constant(folded.outputs[0])).scalars(as: Float.self) == [9, 18, 27])
  }

  /// What depends on the caller, what is made of nothing, and what takes more room than what it is made of.
  @Test func leavesTheRest() throws {
    try expectUnchanged(by: pass) { builder throws(KerasError) in
      let x = builder.input(TensorSpec([2]))
      return [
        try builder.add(x, builder.zeros([2])), try builder.broadcast(builder.scalar(1), to: [512, 512]),
        try builder.softmax(builder.zeros([2])),
      ]
    }
  }
}

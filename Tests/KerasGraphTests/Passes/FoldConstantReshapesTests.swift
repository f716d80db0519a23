import KerasGraph
import Testing

struct FoldConstantReshapesTests {
  @Test func aReshapedConstantIsAConstant() throws {
    try expect(
      FoldConstantReshapes(),
      turns: """
        %0 = constant() : float32(3, 3, 8, 1)
        %1 = reshape(%0) [3, 3, 1, -1] : float32(3, 3, 1, 8)
        %2 = reshape(%1) [72] : float32(72,)
        return %2
        """,
      into: """
        %0 = constant() : float32(3, 3, 8, 1)
        %1 = constant() : float32(3, 3, 1, 8)
        %2 = constant() : float32(72,)
        return %2
        """
    ) { builder throws(KerasError) in
      [try builder.reshape(try builder.reshape(builder.zeros([3, 3, 8, 1]), to: [3, 3, 1, -1]), to: [72])]
    }
  }

  @Test func theMemoryIsShared() throws {
    let builder = GraphBuilder()
    let tensor = Tensor([1, 2, 3, 4] as [Float])
    let graph = builder.finish(returning: [try builder.reshape(builder.constant(tensor), to: [2, 2])])
    let folded = try FoldConstantReshapes().apply(to: graph)
    let got = try #require(folded.constant(folded.outputs[0]))
    #expect(got.isIdentical(to: try tensor.reshaped(to: [2, 2])))
  }

  @Test func leavesReshapesOfWhatIsComputed() throws {
    try expectUnchanged(by: FoldConstantReshapes()) { builder throws(KerasError) in
      [try builder.reshape(builder.input(TensorSpec([6])), to: [2, 3])]
    }
  }
}

import KerasGraph
import Testing

struct FoldTransposesTests {
  @Test func aProductReadsItsOperandsTransposed() throws {
    try expect(
      FoldTransposes(),
      turns: """
        %0 = input() : float32(2, 3, 4)
        %1 = input() : float32(2, 5, 4)
        %2 = transpose(%1) [0, 2, 1] : float32(2, 4, 5)
        %3 = matrixMultiply(%0, %2) : float32(2, 3, 5)
        return %3
        """,
      into: """
        %0 = input() : float32(2, 3, 4)
        %1 = input() : float32(2, 5, 4)
        %2 = transpose(%1) [0, 2, 1] : float32(2, 4, 5)
        %3 = matrixMultiply(%0, %1) second transposed : float32(2, 3, 5)
        return %3
        """
    ) { builder throws(KerasError) in
      let (a, b) = (builder.input(TensorSpec([2, 3, 4])), builder.input(TensorSpec([2, 5, 4])))
      return [try builder.matrixMultiply(a, builder.transpose(b, [0, 2, 1]))]
    }
  }

  @Test func aProductGivesItsResultTransposed() throws {
    try expect(
      FoldTransposes(),
      turns: """
        %0 = input() : float32(2, 3, 4)
        %1 = input() : float32(2, 4, 5)
        %2 = matrixMultiply(%0, %1) : float32(2, 3, 5)
        %3 = transpose(%2) [0, 2, 1] : float32(2, 5, 3)
        return %3
        """,
      into: """
        %0 = input() : float32(2, 3, 4)
        %1 = input() : float32(2, 4, 5)
        %2 = matrixMultiply(%0, %1) : float32(2, 3, 5)
        %3 = matrixMultiply(%1, %0) first transposed second transposed : float32(2, 5, 3)
        return %3
        """
    ) { builder throws(KerasError) in
      let (a, b) = (builder.input(TensorSpec([2, 3, 4])), builder.input(TensorSpec([2, 4, 5])))
      return [try builder.transpose(builder.matrixMultiply(a, b), [0, 2, 1])]
    }
  }

  /// Of splitting heads and swapping rows with columns, the heads are left.
  @Test func whatMovesRowsIsLeft() throws {
    let builder = GraphBuilder()
    let (q, k) = (builder.input(TensorSpec([1, 7, 2, 4])), builder.input(TensorSpec([1, 7, 2, 4])))
    let scores = try builder.matrixMultiply(
      builder.transpose(q, [0, 2, 1, 3]), builder.transpose(k, [0, 2, 3, 1]))
    let graph = try FoldTransposes().apply(to: builder.finish(returning: [scores]))
    #expect(
      graph.description.hasSuffix(
        """
        %4 = transpose(%1) [0, 2, 1, 3] : float32(1, 2, 7, 4)
        %5 = matrixMultiply(%2, %4) second transposed : float32(1, 2, 7, 7)
        return %5
        """))
  }

  @Test func leavesMovedRows() throws {
    try expectUnchanged(by: FoldTransposes()) { builder throws(KerasError) in
      let x = try builder.transpose(builder.input(TensorSpec([3, 2, 4])), [1, 0, 2])
      return [try builder.matrixMultiply(x, builder.zeros([4, 5]))]
    }
  }
}

import KerasGraph
import Testing

struct CancelTransposesTests {
  /// Two channels-first layers, as they write it: only the network's edges keep a transposition.
  @Test func betweenChannelsFirstLayersNoneIsLeft() throws {
    try expect(
      CancelTransposes(),
      turns: """
        %0 = input() : float32(1, 2, 5, 5)
        %1 = transpose(%0) [0, 2, 3, 1] : float32(1, 5, 5, 2)
        %2 = pooling(%1) maximum window [2, 2] : float32(1, 4, 4, 2)
        %3 = transpose(%2) [0, 3, 1, 2] : float32(1, 2, 4, 4)
        %4 = constant() : float32(2, 1, 1)
        %5 = binary(%3, %4) add : float32(1, 2, 4, 4)
        %6 = unary(%5) relu : float32(1, 2, 4, 4)
        %7 = transpose(%6) [0, 2, 3, 1] : float32(1, 4, 4, 2)
        %8 = pooling(%7) average window [2, 2] : float32(1, 3, 3, 2)
        %9 = transpose(%8) [0, 3, 1, 2] : float32(1, 2, 3, 3)
        return %9
        """,
      into: """
        %0 = input() : float32(1, 2, 5, 5)
        %1 = transpose(%0) [0, 2, 3, 1] : float32(1, 5, 5, 2)
        %2 = pooling(%1) maximum window [2, 2] : float32(1, 4, 4, 2)
        %3 = constant() : float32(2, 1, 1)
        %4 = reshape(%3) [1, 1, 1, 2] : float32(1, 1, 1, 2)
        %5 = binary(%2, %4) add : float32(1, 4, 4, 2)
        %6 = unary(%5) relu : float32(1, 4, 4, 2)
        %7 = pooling(%6) average window [2, 2] : float32(1, 3, 3, 2)
        %8 = transpose(%7) [0, 3, 1, 2] : float32(1, 2, 3, 3)
        return %8
        """
    ) { builder throws(KerasError) in
      func pooled(_ x: Value, _ kind: PoolingOperation.Kind) throws(KerasError) -> Value {
        let last = try builder.transpose(x, [0, 2, 3, 1])
        return try builder.transpose(builder.pooling(kind, last, window: Window([2, 2])), [0, 3, 1, 2])
      }
      let first = try pooled(builder.input(TensorSpec([1, 2, 5, 5])), .maximum)
      let sum = try builder.add(first, builder.zeros([2, 1, 1]))
      return [try pooled(builder.unary(.relu, sum), .average)]
    }
  }

  @Test func aMeanOverPixelsNeedsNone() throws {
    try expect(
      CancelTransposes(),
      turns: """
        %0 = input() : float32(1, 5, 4, 2)
        %1 = transpose(%0) [0, 3, 1, 2] : float32(1, 2, 5, 4)
        %2 = reduction(%1) mean axes [2, 3] : float32(1, 2)
        return %2
        """,
      into: """
        %0 = input() : float32(1, 5, 4, 2)
        %1 = reduction(%0) mean axes [1, 2] : float32(1, 2)
        return %1
        """
    ) { builder throws(KerasError) in
      let first = try builder.transpose(builder.input(TensorSpec([1, 5, 4, 2])), [0, 3, 1, 2])
      return [try builder.reduce(.mean, first, axes: [2, 3])]
    }
  }

  @Test func joinsFollowTheirAxis() throws {
    try expect(
      CancelTransposes(),
      turns: """
        %0 = input() : float32(2, 3)
        %1 = transpose(%0) [1, 0] : float32(3, 2)
        %2 = concatenate(%1, %1) axis 0 : float32(6, 2)
        %3 = softmax(%2) axis 1 : float32(6, 2)
        return %3
        """,
      into: """
        %0 = input() : float32(2, 3)
        %1 = concatenate(%0, %0) axis 1 : float32(2, 6)
        %2 = softmax(%1) axis 0 : float32(2, 6)
        %3 = transpose(%2) [1, 0] : float32(6, 2)
        return %3
        """
    ) { builder throws(KerasError) in
      let x = try builder.transpose(builder.input(TensorSpec([2, 3])), [1, 0])
      return [try builder.softmax(builder.concatenate([x, x], axis: 0))]
    }
  }

  @Test func leavesSumsOfDifferentOrders() throws {
    try expectUnchanged(by: CancelTransposes()) { builder throws(KerasError) in
      let (a, b) = (builder.input(TensorSpec([3, 3])), builder.input(TensorSpec([3, 3])))
      return [try builder.add(builder.transpose(a, [1, 0]), b)]
    }
  }

  /// The small operand is what is transposed: that stays so.
  @Test func leavesWhatIsStretchedAfterwards() throws {
    try expectUnchanged(by: CancelTransposes()) { builder throws(KerasError) in
      let x = try builder.transpose(builder.input(TensorSpec([3, 1])), [1, 0])
      return [try builder.add(x, builder.zeros([5, 1]))]
    }
  }
}

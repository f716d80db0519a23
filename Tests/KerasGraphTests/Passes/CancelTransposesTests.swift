import KerasGraph
import Testing

/// Transpositions move until they meet, and only what minds the order of axes stops them.
struct CancelTransposesTests {
  /// What two layers with the channels first write, with padding and a sum between them.
  @Test func layersMeetWithTheirChannelsLast() throws {
    try expect(
      CancelTransposes(),
      turns: """
        %0 = input() : float32(1, 4, 6, 2)
        %1 = transpose(%0) [0, 3, 1, 2] : float32(1, 2, 4, 6)
        %2 = unary(%1) relu : float32(1, 2, 4, 6)
        %3 = binary(%2, %1) add : float32(1, 2, 4, 6)
        %4 = pad(%3) [0+0, 0+0, 1+2, 3+4] : float32(1, 2, 7, 13)
        %5 = concatenate(%4, %4) axis 1 : float32(1, 4, 7, 13)
        %6 = transpose(%5) [0, 2, 3, 1] : float32(1, 7, 13, 4)
        return %6
        """,
      into: """
        %0 = input() : float32(1, 4, 6, 2)
        %1 = unary(%0) relu : float32(1, 4, 6, 2)
        %2 = binary(%1, %0) add : float32(1, 4, 6, 2)
        %3 = pad(%2) [0+0, 1+2, 3+4, 0+0] : float32(1, 7, 13, 2)
        %4 = concatenate(%3, %3) axis 3 : float32(1, 7, 13, 4)
        return %4
        """
    ) { builder throws(KerasError) in
      let x = try builder.transpose(builder.input(TensorSpec([1, 4, 6, 2])), [0, 3, 1, 2])
      let sum = try builder.add(builder.unary(.relu, x), x)
      let padded = try builder.pad(sum, [.none, .none, AxisPadding(1, 2), AxisPadding(3, 4)])
      return [try builder.transpose(builder.concatenate([padded, padded], axis: 1), [0, 2, 3, 1])]
    }
  }

  @Test func twoInARowBecomeOne() throws {
    try expect(
      CancelTransposes(),
      turns: """
        %0 = input() : float32(2, 3, 5)
        %1 = transpose(%0) [1, 2, 0] : float32(3, 5, 2)
        %2 = transpose(%1) [1, 2, 0] : float32(5, 2, 3)
        return %2
        """,
      into: """
        %0 = input() : float32(2, 3, 5)
        %1 = transpose(%0) [2, 0, 1] : float32(5, 2, 3)
        return %1
        """
    ) { builder throws(KerasError) in
      let x = try builder.transpose(builder.input(TensorSpec([2, 3, 5])), [1, 2, 0])
      return [try builder.transpose(x, [1, 2, 0])]
    }
  }

  @Test func leavesWhatMindsTheOrderOfAxes() throws {
    try expectUnchanged(by: CancelTransposes()) { builder throws(KerasError) in
      let turned = try builder.transpose(builder.input(TensorSpec([2, 3])), [1, 0])
      return [try builder.reshape(turned, to: [6])]
    }
  }
}

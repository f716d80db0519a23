import KerasGraph
import Testing

struct FoldPaddingTests {
  private let padding = [AxisPadding.none, AxisPadding(1, 2), AxisPadding(0, 1), .none]

  @Test func aConvolutionPadsByItself() throws {
    try expect(
      FoldPadding(),
      turns: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = pad(%0) [0+0, 1+2, 0+1, 0+0] : float32(1, 8, 6, 2)
        %2 = constant() : float32(3, 3, 2, 4)
        %3 = convolution(%1, %2) window [3, 3] : float32(1, 6, 4, 4)
        return %3
        """,
      into: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = pad(%0) [0+0, 1+2, 0+1, 0+0] : float32(1, 8, 6, 2)
        %2 = constant() : float32(3, 3, 2, 4)
        %3 = convolution(%0, %2) window [3, 3] padding [1+2, 0+1] : float32(1, 6, 4, 4)
        return %3
        """
    ) { builder throws(KerasError) in
      [try builder.convolution(try builder.pad(builder.input(TensorSpec([1, 5, 5, 2])), padding))]
    }
  }

  @Test func paddingsAddUp() throws {
    let builder = GraphBuilder()
    let padded = try builder.pad(builder.input(TensorSpec([1, 5, 5, 2])), padding)
    let window = Window([3, 3], padding: [AxisPadding(1, 1), AxisPadding(2, 0)])
    let sum = try builder.convolution(padded, kernel: builder.zeros([3, 3, 2, 4]), window: window)
    let folded = try FoldPadding().apply(to: builder.finish(returning: [sum]))
    #expect(
      folded.description.contains(
        "%3 = convolution(%0, %2) window [3, 3] padding [2+3, 2+1] : float32(1, 8, 6, 4)"))
  }

  @Test func aMaximumOfNonNegativeNumbersPadsByItself() throws {
    try expect(
      FoldPadding(),
      turns: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = unary(%0) relu : float32(1, 5, 5, 2)
        %2 = pad(%1) [0+0, 1+2, 0+1, 0+0] : float32(1, 8, 6, 2)
        %3 = pooling(%2) maximum window [3, 3] strides [2, 2] : float32(1, 3, 2, 2)
        return %3
        """,
      into: """
        %0 = input() : float32(1, 5, 5, 2)
        %1 = unary(%0) relu : float32(1, 5, 5, 2)
        %2 = pad(%1) [0+0, 1+2, 0+1, 0+0] : float32(1, 8, 6, 2)
        %3 = pooling(%1) maximum window [3, 3] strides [2, 2] padding [1+2, 0+1] : float32(1, 3, 2, 2)
        return %3
        """
    ) { builder throws(KerasError) in
      let x = try builder.unary(.relu, builder.input(TensorSpec([1, 5, 5, 2])))
      return [
        try builder.pooling(.maximum, try builder.pad(x, padding), window: Window([3, 3], strides: [2, 2]))
      ]
    }
  }

  @Test func leavesMaximaThatMayBeNegative() throws {
    try expectUnchanged(by: FoldPadding()) { builder throws(KerasError) in
      let padded = try builder.pad(
        try builder.unary(.tanh, builder.input(TensorSpec([1, 5, 5, 2]))), padding)
      return [try builder.pooling(.maximum, padded, window: Window([3, 3]))]
    }
  }

  @Test func leavesAverages() throws {
    try expectUnchanged(by: FoldPadding()) { builder throws(KerasError) in
      let padded = try builder.pad(
        try builder.unary(.relu, builder.input(TensorSpec([1, 5, 5, 2]))), padding)
      return [try builder.pooling(.average, padded, window: Window([3, 3]))]
    }
  }

  @Test func leavesPaddingThatWouldFillAWindow() throws {
    try expectUnchanged(by: FoldPadding()) { builder throws(KerasError) in
      let x = try builder.unary(.relu, builder.input(TensorSpec([1, 5, 5, 2])))
      return [try builder.pooling(.maximum, try builder.pad(x, padding), window: Window([2, 2]))]
    }
  }

  /// Taps 0 and 2 around the only element would both see padding.
  @Test func leavesPaddingThatWouldFillAWindowWithHoles() throws {
    try expectUnchanged(by: FoldPadding()) { builder throws(KerasError) in
      let x = try builder.unary(.relu, builder.input(TensorSpec([1, 1, 2])))
      let padded = try builder.pad(x, [.none, AxisPadding(1, 1), .none])
      return [try builder.pooling(.maximum, padded, window: Window([2], dilations: [2]))]
    }
  }

  @Test func leavesOtherNumbersThanZero() throws {
    try expectUnchanged(by: FoldPadding()) { builder throws(KerasError) in
      [try builder.convolution(try builder.pad(builder.input(TensorSpec([1, 5, 5, 2])), padding, value: 1))]
    }
  }

  @Test func leavesPaddedChannelsAndBatches() throws {
    try expectUnchanged(by: FoldPadding()) { builder throws(KerasError) in
      let channels = [AxisPadding.none, .none, .none, AxisPadding(0, 1)]
      let x = try builder.pad(builder.input(TensorSpec([1, 5, 5, 1])), channels)
      let batches = [AxisPadding(1, 0), .none, .none, .none]
      let y = try builder.pad(builder.input(TensorSpec([1, 5, 5, 2])), batches)
      return [try builder.convolution(x), try builder.convolution(y)]
    }
  }
}

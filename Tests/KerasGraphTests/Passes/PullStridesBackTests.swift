import KerasGraph
import Testing

struct PullStridesBackTests {
  /// The end of a residual block, and two readers that skip every other position: as in ResNet's first version.
  private func block(_ builder: GraphBuilder, isReturned: Bool = false) throws(KerasError) -> [Value] {
    let x = builder.input(TensorSpec([1, 8, 8, 2]))
    let residual = builder.input(TensorSpec([1, 8, 8, 4]))
    let padded = Window([3, 3], padding: [AxisPadding(1, 1), AxisPadding(1, 1)])
    let hidden = try builder.convolution(x, kernel: builder.zeros([3, 3, 2, 4]), window: padded)
    let sum = ConvolutionOperation(
      Window([1, 1]), epilogue: Epilogue(hasResidual: true, activation: .relu))
    let end = try builder.append(
      .convolution(sum), [hidden, builder.zeros([1, 1, 4, 4]), residual])[0]
    let skipping = Window([1, 1], strides: [2, 2])
    let kernel = builder.zeros([1, 1, 4, 8])
    let readers = [
      try builder.convolution(end, kernel: kernel, window: skipping),
      try builder.convolution(end, kernel: kernel, window: skipping),
    ]
    return readers + (isReturned ? [end] : [])
  }

  @Test func onlyWhatIsReadIsComputed() throws {
    let builder = GraphBuilder()
    let graph = builder.finish(returning: try block(builder))
    let rewritten = try PullStridesBack().apply(to: graph)
    try rewritten.verify()
    #expect(
      rewritten.description == """
        %0 = input() : float32(1, 8, 8, 2)
        %1 = input() : float32(1, 8, 8, 4)
        %2 = constant() : float32(3, 3, 2, 4)
        %3 = convolution(%0, %2) window [3, 3] strides [2, 2] padding [1+1, 1+1] : float32(1, 4, 4, 4)
        %4 = constant() : float32(1, 1, 4, 4)
        %5 = slice(%1) [0..<1, 0..<8:2, 0..<8:2, 0..<4] : float32(1, 4, 4, 4)
        %6 = convolution(%3, %4, %5) window [1, 1] + residual, relu : float32(1, 4, 4, 4)
        %7 = constant() : float32(1, 1, 4, 8)
        %8 = convolution(%6, %7) window [1, 1] : float32(1, 4, 4, 8)
        %9 = convolution(%6, %7) window [1, 1] : float32(1, 4, 4, 8)
        return %8, %9
        """)
  }

  @Test func leavesWhatIsReturned() throws {
    try expectUnchanged(by: PullStridesBack()) { builder throws(KerasError) in
      try block(builder, isReturned: true)
    }
  }

  @Test func leavesWhatWiderWindowsRead() throws {
    try expectUnchanged(by: PullStridesBack()) { builder throws(KerasError) in
      let x = try builder.convolution(builder.input(TensorSpec([1, 9, 9, 2])))
      let wide = Window([2, 2], strides: [2, 2])
      return [
        try builder.convolution(x, kernel: builder.zeros([2, 2, 4, 4]), window: wide)
      ]
    }
  }

  @Test func leavesWhatReadersSkipDifferently() throws {
    try expectUnchanged(by: PullStridesBack()) { builder throws(KerasError) in
      let x = try builder.convolution(builder.input(TensorSpec([1, 9, 9, 2])))
      let kernel = builder.zeros([1, 1, 4, 4])
      return [
        try builder.convolution(x, kernel: kernel, window: Window([1, 1], strides: [2, 2])),
        try builder.convolution(x, kernel: kernel, window: Window([1, 1], strides: [3, 3])),
      ]
    }
  }

  @Test func leavesPaddedReaders() throws {
    try expectUnchanged(by: PullStridesBack()) { builder throws(KerasError) in
      let x = try builder.convolution(builder.input(TensorSpec([1, 9, 9, 2])))
      let padded = Window([1, 1], strides: [2, 2], padding: [AxisPadding(1, 0), .none])
      return [try builder.convolution(x, kernel: builder.zeros([1, 1, 4, 4]), window: padded)]
    }
  }
}

import KerasGraph

extension Problem {
  /// Transposed convolutions and kernels' gradients of rank 1 to 3: dense, grouped and depthwise, strided or
  /// dilated, with lopsided padding.
  public static func convolutionGradients(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "convolutionGradients") { choices, number throws(KerasError) in
      // Windows of one place that skip positions have code of their own, which fills vectors or does not.
      let skips = number % 7 == 3
      let window =
        skips ? Window([1, 1], strides: [2, 1 + number % 2]) : choices.window(rank: choices.element(of: [1, 2, 2, 2, 3]))
      let (groups, channels, filters) = choices.element(
        of: skips
          ? [(1, 4, 32), (1, 5, 1), (1, 3, 7), (1, 2, 31), (1, 16, 32), (1, 5, 64)]
          : [
            (1, choices.integer(in: 1...9), choices.integer(in: 1...9)), (1, 16, 32),
            (choices.integer(in: 2...4), choices.integer(in: 2...3), choices.integer(in: 1...3)),
            (choices.integer(in: 2...17), 1, 1), (choices.integer(in: 2...5), 1, 2),
          ])
      let (lengths, positions) =
        try skips ? ([16, 20], [8, number % 2 == 0 ? 20 : 10]) : choices.lengths(under: window)
      let batch = choices.element(of: [1, 3])
      let upstream = OperationProblem.Operand([batch] + positions + [groups * filters])
      if number % 2 == 0 {
        return OperationProblem(
          .transposedConvolution(TransposedConvolutionOperation(window, groups: groups, lengths: lengths)),
          [upstream, .init(window.size + [channels, groups * filters], isConstant: choices.oneIn(2))],
          summands: elementCountOf(window.size) * filters)
      }
      return OperationProblem(
        .convolutionKernelGradient(ConvolutionKernelGradientOperation(window, groups: groups)),
        [.init([batch] + lengths + [groups * channels]), upstream],
        summands: batch * elementCountOf(positions))
    }
  }

  /// Gradients of pooling and selections by it, some with equal maxima.
  public static func poolingGradients(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "poolingGradients") { choices, number throws(KerasError) in
      let window = choices.window(rank: choices.element(of: [1, 2, 2, 2, 3]), keepsWindowsFull: true)
      let (lengths, positions) = try choices.lengths(under: window, keepsWindowsFull: true)
      let (batch, channels) = ([choices.element(of: [1, 3])], [choices.integer(in: 1...17)])
      let image = OperationProblem.Operand(
        batch + lengths + channels, in: choices.oneIn(3) ? 0...2 : -1...1, isWhole: choices.oneIn(3))
      if number % 3 == 0 {
        return OperationProblem(
          .poolingSelection(PoolingSelectionOperation(window)), [image, .init(batch + lengths + channels)])
      }
      return OperationProblem(
        .poolingGradient(PoolingGradientOperation(number % 3 == 1 ? .maximum : .average, window)),
        [image, .init(batch + positions + channels)], summands: elementCountOf(window.size))
    }
  }
}

import KerasGraph

/// One generator for each operation that layers of images need; convolutions, arithmetic, ordering and recurrence
/// have their own files.
extension Problem {
  /// Products of single matrices and stacks, either operand transposed, the second shared or not.
  public static func matrixMultiplies(
    _ count: Int, seed: UInt64, hasEpilogue: Bool = true
  ) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "matrixMultiplies") { choices, number throws(KerasError) in
      let leading = (0..<choices.element(of: [0, 0, 1, 2])).map { _ in choices.integer(in: 1...3) }
      let rows = choices.integer(in: 1...9)
      let depth = choices.element(of: [1, 2, 3, 8, 17, 64])
      let columns = choices.integer(in: 1...9)
      let (first, second) = (choices.oneIn(3), choices.oneIn(3))
      let sharesSecond = choices.oneIn(2)
      let epilogue = hasEpilogue ? Epilogue.combination(number) : Epilogue()
      return OperationProblem(
        .matrixMultiply(
          MatrixMultiplyOperation(transposesFirst: first, transposesSecond: second, epilogue: epilogue)),
        [
          .init(leading + (first ? [depth, rows] : [rows, depth])),
          .init(
            (sharesSecond ? [] : leading) + (second ? [columns, depth] : [depth, columns]),
            isConstant: sharesSecond && choices.oneIn(2)),
        ] + epilogue.operands(leading + [rows, columns]),
        summands: depth)
    }
  }

  /// Maxima and averages of rank 1 to 3, strided, overlapping or not, with lopsided padding.
  public static func poolings(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "poolings") { choices, number throws(KerasError) in
      let window = choices.window(rank: choices.element(of: [1, 2, 2, 2, 3]), keepsWindowsFull: true)
      let lengths = try choices.lengths(under: window, keepsWindowsFull: true).lengths
      return OperationProblem(
        .pooling(PoolingOperation(number % 2 == 0 ? .maximum : .average, window)),
        [.init([choices.element(of: [1, 3])] + lengths + [choices.integer(in: 1...17)])],
        summands: elementCountOf(window.size))
    }
  }

  /// Ranks 1 to 4, constant or computed statistics, with and without a fused function.
  public static func batchNormalizations(
    _ count: Int, seed: UInt64, hasActivation: Bool = true
  ) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "batchNormalizations") { choices, number throws(KerasError) in
      let shape = choices.shape(rank: 1...4)
      let channels = [shape[shape.count - 1]]
      let isConstant = !choices.oneIn(4)
      let operation = BatchNormalizationOperation(
        epsilon: choices.element(of: [1e-3, 1e-5]),
        activation: hasActivation ? activations[number % activations.count] : nil)
      return OperationProblem(
        .batchNormalization(operation),
        [.init(shape)]
          + [0.5...1.5, -1...1, -1...1, 0.1...2].map { .init(channels, in: $0, isConstant: isConstant) },
        summands: 16)
    }
  }

  /// Along every axis, of small and of large numbers.
  public static func softmaxes(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "softmaxes") { choices, _ throws(KerasError) in
      let shape = choices.shape(rank: 1...4)
      let size = choices.element(of: [1.0, 10, 200])
      return OperationProblem(
        .softmax(SoftmaxOperation(axis: choices.integer(in: 0...(shape.count - 1)))),
        [.init(shape, in: -size...size)], summands: 256)
    }
  }

  /// Transpositions, slices, paddings, concatenations and reshapes, in turn.
  public static func movements(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "movements") { choices, number throws(KerasError) in
      let shape = choices.shape(rank: 1...5)
      switch number % 5 {
      case 0:
        return OperationProblem(
          .transpose(TransposeOperation(choices.shuffled(Array(shape.indices)))), [.init(shape)])
      case 1:
        let starts = shape.map { choices.integer(in: 0...($0 - 1)) }
        let ends = zip(starts, shape).map { choices.integer(in: ($0 + 1)...$1) }
        let slice = SliceOperation(
          starts: starts, ends: ends, strides: shape.map { _ in choices.integer(in: 1...3) })
        return OperationProblem(.slice(slice), [.init(shape)])
      case 2:
        let padding = shape.map { _ in AxisPadding(choices.integer(in: 0...2), choices.integer(in: 0...2)) }
        return OperationProblem(
          .pad(PadOperation(padding, value: choices.element(of: [0, 0, -1.5]))), [.init(shape)])
      case 3:
        let axis = choices.integer(in: 0...(shape.count - 1))
        let operands = (0..<choices.integer(in: 1...4)).map { _ in
          var lengths = shape
          lengths[axis] = choices.integer(in: 1...5)
          return OperationProblem.Operand(lengths, isConstant: choices.oneIn(4))
        }
        return OperationProblem(.concatenate(ConcatenateOperation(axis: axis)), operands)
      default:
        return OperationProblem(.reshape(ReshapeOperation(choices.shuffled(shape) + [1])), [.init(shape)])
      }
    }
  }
}

extension RandomChoices {
  /// Lengths from 1 to 9, some of them 1.
  mutating func shape(rank: ClosedRange<Int>) -> [Int] {
    (0..<integer(in: rank)).map { _ in oneIn(5) ? 1 : integer(in: 2...9) }
  }
}

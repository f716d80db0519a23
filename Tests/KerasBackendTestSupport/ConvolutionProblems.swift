import KerasGraph

/// Functions that are defined and tame for every number, as activations must be.
let activations: [UnaryFunction?] = [
  nil, .relu, .clip(low: 0, high: 6), .leakyRelu(slope: 0.3), .elu(alpha: 1.5), .sigmoid, .tanh, .softplus,
  .softsign, .exponential, .square, .absolute, .negate, .linear(scale: -1.5, offset: 0.25),
]

extension Epilogue {
  /// The combination number `number` of the eight sums and all activations.
  static func combination(_ number: Int) -> Epilogue {
    Epilogue(
      hasScale: number & 1 != 0, hasBias: number & 2 != 0, hasResidual: number & 4 != 0,
      activation: activations[number / 8 % activations.count])
  }

  /// What the epilogue adds to an operation with this output.
  func operands(_ output: [Int]) -> [OperationProblem.Operand] {
    let channels = [output[output.count - 1]]
    var operands: [OperationProblem.Operand] = []
    if hasScale { operands.append(.init(channels, in: 0.5...1.5, isConstant: true)) }
    if hasBias { operands.append(.init(channels, isConstant: true)) }
    if hasResidual { operands.append(.init(output)) }
    return operands
  }
}

extension Problem {
  /// Convolutions of rank 1 to 3: dense, grouped, depthwise (with multipliers) and pointwise; odd lengths,
  /// strides, dilations, lopsided padding, kernels from 1 to 7, every epilogue (or none).
  public static func convolutions(
    _ count: Int, seed: UInt64, hasEpilogue: Bool = true
  ) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "convolutions") { choices, number throws(KerasError) in
      let rank = choices.element(of: [1, 2, 2, 2, 2, 3])
      var window = choices.window(rank: rank)
      let (groups, channelsPerGroup, filtersPerGroup): (Int, Int, Int)
      switch choices.integer(in: 0...6) {
      case 0:
        (groups, channelsPerGroup, filtersPerGroup) =
          (choices.integer(in: 2...4), choices.integer(in: 2...3), choices.integer(in: 1...3))
      case 1, 2: (groups, channelsPerGroup, filtersPerGroup) = (choices.integer(in: 2...17), 1, 1)
      case 3:
        (groups, channelsPerGroup, filtersPerGroup) = (
          choices.integer(in: 2...5), 1, choices.integer(in: 2...3)
        )
      case 4:
        window = Window([Int](repeating: 1, count: rank))
        (groups, channelsPerGroup, filtersPerGroup) = (
          1, choices.integer(in: 1...20), choices.integer(in: 1...20)
        )
      default:
        (groups, channelsPerGroup, filtersPerGroup) = (
          1, choices.integer(in: 1...9), choices.integer(in: 1...9)
        )
      }
      let (lengths, positions) = try choices.lengths(under: window, room: choices.element(of: [0, 3, 9, 9]))
      let batch = choices.element(of: [1, 3])
      let output = [batch] + positions + [groups * filtersPerGroup]
      let epilogue = hasEpilogue ? Epilogue.combination(number) : Epilogue()
      return OperationProblem(
        .convolution(ConvolutionOperation(window, groups: groups, epilogue: epilogue)),
        [
          .init([batch] + lengths + [groups * channelsPerGroup]),
          .init(window.size + [channelsPerGroup, groups * filtersPerGroup], isConstant: !choices.oneIn(4)),
        ] + epilogue.operands(output),
        summands: elementCountOf(window.size) * channelsPerGroup)
    }
  }
}

extension Problem {
  /// Convolutions through windows of one position, over channels and filters of whole vectors and of parts of them, on
  /// images small and large.
  public static func pointwiseConvolutions(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "pointwise convolutions") { choices, number throws(KerasError) in
      func channels() -> Int {
        choices.oneIn(2) ? choices.integer(in: 1...20) : 16 * choices.integer(in: 1...6)
      }
      let (before, after) = (channels(), channels())
      let stride = choices.element(of: [1, 1, 2])
      let window = Window([1, 1], strides: [stride, stride])
      let longest = choices.element(of: [4, 10, 30])
      let lengths = (0..<2).map { _ in choices.integer(in: 1...longest) }
      let batch = choices.element(of: [1, 3])
      let output = [batch] + lengths.map { ($0 + stride - 1) / stride } + [after]
      let epilogue = Epilogue.combination(number)
      return OperationProblem(
        .convolution(ConvolutionOperation(window, groups: 1, epilogue: epilogue)),
        [.init([batch] + lengths + [before]), .init([1, 1, before, after], isConstant: !choices.oneIn(4))]
          + epilogue.operands(output),
        summands: before)
    }
  }
}

extension Problem {
  /// Depthwise convolutions over whole vectors of channels and parts of them.
  public static func depthwiseConvolutions(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "depthwise convolutions") { choices, number throws(KerasError) in
      let window = choices.window(rank: choices.element(of: [1, 2, 2, 2, 3]))
      let channels = choices.oneIn(2) ? choices.integer(in: 2...70) : 16 * choices.integer(in: 1...5)
      let (lengths, positions) = try choices.lengths(under: window, room: choices.element(of: [0, 1, 4, 9]))
      let batch = choices.element(of: [1, 3])
      let output = [batch] + positions + [channels]
      let epilogue = Epilogue.combination(number)
      return OperationProblem(
        .convolution(ConvolutionOperation(window, groups: channels, epilogue: epilogue)),
        [
          .init([batch] + lengths + [channels]),
          .init(window.size + [1, channels], isConstant: !choices.oneIn(4)),
        ]
          + epilogue.operands(output),
        summands: elementCountOf(window.size))
    }
  }
}

extension RandomChoices {
  /// A window for a convolution or, when `keepsWindowsFull`, for pooling.
  mutating func window(rank: Int, keepsWindowsFull: Bool = false) -> Window {
    var window = Window((0..<rank).map { _ in element(of: [1, 2, 3, 3, 3, 5]) })
    if rank == 2, oneIn(6) { window = Window(element(of: [[1, 7], [7, 1]])) }
    for axis in 0..<rank {
      window.strides[axis] = element(of: [1, 1, 2, 2, 3])
      window.dilations[axis] = element(of: keepsWindowsFull ? [1, 1, 1, 2] : [1, 1, 2, 3])
      let limit = keepsWindowsFull ? window.extent(axis) - 1 : window.extent(axis)
      if oneIn(2) { window.padding[axis] = AxisPadding(integer(in: 0...limit), integer(in: 0...limit)) }
    }
    return window
  }

  /// Lengths of an image on which a window fits, and the positions it then has.
  ///
  /// - Parameters:
  ///   - most: by how much an image is longer than it must be, at most.
  ///   - keepsWindowsFull: whether no position of the window sees padding alone.
  mutating func lengths(
    under window: Window, room most: Int = 9, keepsWindowsFull: Bool = false
  ) throws(KerasError) -> (lengths: [Int], positions: [Int]) {
    var lengths: [Int] = []
    var positions: [Int] = []
    for axis in 0..<window.rank {
      let padding = window.padding[axis]
      let room = window.extent(axis) - padding.before - padding.after
      let least = max(room, keepsWindowsFull ? window.dilations[axis] : 1)
      let length = least + integer(in: 0...(window.rank == 3 ? min(most, 4) : most))
      lengths.append(length)
      positions.append(try window.positions(axis, over: length) ?? 0)
    }
    return (lengths, positions)
  }
}

import KerasGraph

/// The types that calculations are tried in; half of all problems are in float32.
private let numericTypes: [DataType] = [
  .float32, .float32, .float32, .float32, .float32, .float32, .float64, .int32, .int64, .int16, .int8, .uint8,
]

/// Every function of one number, with a range of numbers it is defined on and not too steep.
public let unaryFunctions: [(function: UnaryFunction, range: ClosedRange<Double>)] =
  activations.compactMap { $0 }.map { ($0, -8...8) }
  + [.relu6, .sign, .floor, .ceiling, .round, .sine, .cosine, .arctangent, .errorFunction].map {
    ($0, -8...8)
  }
  + [.logarithm, .squareRoot, .reciprocalSquareRoot, .reciprocal].map { ($0, 0.05...4) }
  + [.exponentialMinusOne, .hyperbolicSine, .hyperbolicCosine, .tangent].map { ($0, -1.2...1.2) }
  + [(.logarithmOfOnePlus, -0.9...4), (.arcsine, -0.95...0.95), (.arccosine, -0.95...0.95)]

extension Problem {
  /// Every function over every choice of axes, none and all included, in every numeric type.
  public static func reductions(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "reductions") { choices, number throws(KerasError) in
      let shape = choices.shape(rank: 0...4)
      let axes = shape.indices.filter { _ in choices.oneIn(2) }
      let functions = ReductionOperation.Function.allCases
      let function = functions[number % functions.count]
      let type = choices.element(of: numericTypes)
      // Few and small enough that narrow integers hold their sum.
      let isNarrow = type.byteCount == 1
      let range: ClosedRange<Double> = function == .product ? -1...1 : isNarrow ? 0...1 : -9...9
      let operand = OperationProblem.Operand(
        isNarrow ? Array(shape.prefix(2)) : shape,
        in: type.isFloatingPoint ? -1...1 : type == .uint8 ? 0...1 : range,
        type)
      return OperationProblem(
        .reduction(
          ReductionOperation(
            function, axes: axes.filter { operand.shape.indices.contains($0) },
            keepsDimensions: choices.oneIn(2))),
        [operand], summands: axes.reduce(1) { $0 * shape[$1] })
    }
  }

  /// Every function, each on numbers it is defined on.
  public static func unaries(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "unaries") { choices, number throws(KerasError) in
      let (function, range) = unaryFunctions[number % unaryFunctions.count]
      let type: DataType = choices.oneIn(4) ? .float64 : .float32
      return OperationProblem(
        .unary(UnaryOperation(function)), [.init(choices.shape(rank: 0...4), in: range, type)])
    }
  }

  /// Every function in every type it takes; each operand of full shape or stretched along some axes, or lacking
  /// outer ones.
  public static func binaries(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "binaries") { choices, number throws(KerasError) in
      let functions = BinaryOperation.Function.allCases
      let function = functions[number % functions.count]
      let shape = choices.shape(rank: 0...4)
      let isLogical: Bool
      switch function {
      case .logicalAnd, .logicalOr, .logicalXor: isLogical = true
      default: isLogical = false
      }
      let type: DataType = isLogical ? .bool : choices.element(of: numericTypes)
      let operands = (0..<2).map { position in
        OperationProblem.Operand(
          choices.stretchable(shape), in: range(of: function, type, position), type,
          isConstant: choices.oneIn(4))
      }
      return OperationProblem(.binary(BinaryOperation(function)), operands)
    }
  }

  /// Numbers that a function and a type allow.
  private static func range(
    of function: BinaryOperation.Function, _ type: DataType, _ position: Int
  ) -> ClosedRange<Double> {
    switch function {
    case .divide where type.isFloatingPoint: 0.5...2
    case .power: type.isFloatingPoint ? 0.5...2 : position == 0 && type != .uint8 ? -3...3 : 0...3
    // Far from whole quotients, where a rounding decides by one.
    case .floorDivide where type.isFloatingPoint, .remainder where type.isFloatingPoint:
      position == 0 ? -1...1 : 2...3
    case .divide, .floorDivide, .remainder: position == 1 ? 1...5 : type == .uint8 ? 0...100 : -100...100
    case .subtract where type == .uint8: position == 0 ? 5...9 : 0...5
    default: type == .uint8 ? 0...9 : type.isFloatingPoint ? -1...1 : -9...9
    }
  }

  /// Comparisons of every type, with many equal numbers.
  public static func comparisons(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "comparisons") { choices, number throws(KerasError) in
      let functions = CompareOperation.Function.allCases
      let shape = choices.shape(rank: 0...4)
      let type = choices.element(of: numericTypes + [.bool])
      let operands = (0..<2).map { _ in
        OperationProblem.Operand(choices.stretchable(shape), in: 0...2, type, isWhole: true)
      }
      return OperationProblem(.compare(CompareOperation(functions[number % functions.count])), operands)
    }
  }

  /// Selections of every type, each of the three tensors stretched or not; broadcasts in between.
  public static func selections(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "selections") { choices, number throws(KerasError) in
      let shape = choices.shape(rank: 0...4)
      let type = choices.element(of: numericTypes + [.bool])
      let range: ClosedRange<Double> = type.isFloatingPoint ? -1...1 : 0...9
      if number % 4 == 0 {
        return OperationProblem(
          .broadcast(BroadcastOperation(to: Shape(shape))),
          [.init(choices.stretchable(shape), in: range, type)])
      }
      return OperationProblem(
        .select(SelectOperation()),
        [.init(choices.stretchable(shape), .bool)]
          + (0..<2).map { _ in
            .init(choices.stretchable(shape), in: range, type, isConstant: choices.oneIn(4))
          })
    }
  }

  /// Rows of many lengths and sizes of numbers.
  public static func standardizations(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "standardizations") { choices, _ throws(KerasError) in
      let shape = choices.shape(rank: 0...3) + [choices.element(of: [2, 3, 16, 40, 100, 513])]
      let size = choices.element(of: [0.5, 1, 4])
      return OperationProblem(
        .standardize(StandardizeOperation(epsilon: choices.element(of: [1e-3, 1e-2]))),
        [.init(shape, in: -size...(2 * size), choices.oneIn(5) ? .float64 : .float32)], summands: 64)
    }
  }

  /// Every distribution; the seed is an input.
  public static func randoms(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "randoms") { choices, number throws(KerasError) in
      let distribution: RandomOperation.Distribution =
        [
          .uniform(low: -1, high: 3), .normal(mean: 0.5, deviation: 2),
          .truncatedNormal(mean: -1, deviation: 0.5),
          .bernoulli(probability: 0.3),
        ][number % 4]
      return OperationProblem(
        .random(RandomOperation(distribution, shape: Shape(choices.shape(rank: 0...3)))),
        [.init([2], in: 0...100_000, .int64)], summands: 16)
    }
  }
}

extension RandomChoices {
  /// A shape that broadcasts to `shape`: the same, with some axes of length 1, or without some of the first.
  mutating func stretchable(_ shape: [Int]) -> [Int] {
    let lengths = oneIn(2) ? shape : shape.map { oneIn(3) ? 1 : $0 }
    return oneIn(3) ? Array(lengths.dropFirst(integer(in: 0...lengths.count))) : lengths
  }
}

import KerasGraph

private let types: [DataType] = [
  .float32, .float32, .float32, .float64, .int32, .int64, .int16, .int8, .uint8,
]

extension Problem {
  /// Gathering and scattering of slices and elements along any axis, with equal indices among them.
  public static func indexings(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "indexings") { choices, number throws(KerasError) in
      let shape = choices.shape(rank: 1...4)
      let axis = choices.integer(in: 0...(shape.count - 1))
      let range: ClosedRange<Double> = 0...Double(shape[axis] - 1)
      let kind: IndexingKind = number % 2 == 0 ? .slices : .elements
      var (indices, part) = (shape, shape)
      if kind == .slices {
        indices = choices.shape(rank: 0...2)
        part.replaceSubrange(axis...axis, with: indices)
      } else {
        indices[axis] = choices.integer(in: 1...9)
        part = indices
      }
      let type = choices.element(of: types)
      let positions = OperationProblem.Operand(indices, in: range, .int32)
      if number % 4 < 2 {
        return OperationProblem(
          .gather(GatherOperation(axis: axis, kind: kind)), [.init(shape, in: 0...5, type), positions])
      }
      return OperationProblem(
        .scatterAdd(ScatterAddOperation(axis: axis, length: shape[axis], kind: kind)),
        [.init(part, in: type.isFloatingPoint ? -1...1 : 0...1, type), positions], summands: 81)
    }
  }

  /// Positions of extremes, sorted lines, and places in sorted vectors, with many equal numbers.
  public static func orderings(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "orderings") { choices, number throws(KerasError) in
      let shape = choices.shape(rank: 1...4)
      let axis = choices.integer(in: 0...(shape.count - 1))
      let operand = OperationProblem.Operand(
        shape, in: 0...4, choices.element(of: types), isWhole: choices.oneIn(2))
      if number % 2 == 0 {
        let functions = ArgumentReductionOperation.Function.allCases
        return OperationProblem(
          .argumentReduction(
            ArgumentReductionOperation(
              choices.element(of: functions), axis: axis, keepsDimensions: choices.oneIn(2))), [operand])
      }
      return OperationProblem(.sort(SortOperation(axis: axis, isDescending: choices.oneIn(2))), [operand])
    }
  }

  /// Sorted lines of numbers that are all different.
  public static func sorts(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "sorts") { choices, _ throws(KerasError) in
      let shape = choices.shape(rank: 1...4)
      let axis = choices.integer(in: 0...(shape.count - 1))
      return OperationProblem(
        .sort(SortOperation(axis: axis, isDescending: choices.oneIn(2))), [.init(shape)])
    }
  }

  /// Places of values in sorted vectors, many of them equal to elements.
  public static func searches(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    var problems: [Problem] = []
    for number in 0..<count {
      var choices = RandomChoices(seed: seed, number: number)
      let type = choices.element(of: types)
      let unsorted: [Double] = choices.tensor([choices.integer(in: 0...20)], in: 0...9, isWhole: true)
        .scalars()
      let vector = Tensor(unsorted.sorted()).converted(to: type)
      let values = choices.tensor(choices.shape(rank: 0...3), in: 0...9, isWhole: true).converted(to: type)
      let builder = GraphBuilder()
      let position = try builder.searchSorted(
        builder.input(vector.spec), for: builder.input(values.spec), passesEqual: choices.oneIn(2))
      problems.append(
        Problem(
          builder.finish(returning: [position]), inputs: [vector, values], summands: 1,
          label: "searches, seed \(seed), number \(number)"))
    }
    return problems
  }

  /// Running sums, products and extremes, in both directions; reversals in between.
  public static func cumulatives(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    try samples(count, seed: seed, of: "cumulatives") { choices, number throws(KerasError) in
      let shape = choices.shape(rank: 1...4)
      let axis = choices.integer(in: 0...(shape.count - 1))
      let type = choices.element(of: types)
      let operand = OperationProblem.Operand(shape, in: type.isFloatingPoint ? -2...2 : 0...1, type)
      if number % 5 == 4 {
        let axes = shape.indices.filter { _ in choices.oneIn(2) }
        return OperationProblem(.reverse(ReverseOperation(axes: Array(axes))), [operand])
      }
      let function = CumulativeOperation.Function.allCases[number % 5]
      let mayExclude = function == .sum || function == .product
      return OperationProblem(
        .cumulative(
          CumulativeOperation(
            function, axis: axis, isReversed: choices.oneIn(2), isExclusive: mayExclude && choices.oneIn(2))),
        [operand], summands: shape[axis])
    }
  }
}

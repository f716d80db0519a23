/// Sums, products or extremes of all elements up to each one along an axis.
public struct CumulativeOperation: OperationRule {
  public enum Function: String, Hashable, Sendable, CaseIterable { case sum, product, maximum, minimum }

  public var function: Function
  /// Counted from the front.
  public var axis: Int
  /// Whether it runs from the end.
  public var isReversed: Bool
  /// Whether each element itself is left out; the first result is then 0 (sum) or 1 (product).
  public var isExclusive: Bool

  public init(_ function: Function, axis: Int, isReversed: Bool = false, isExclusive: Bool = false) {
    self.function = function
    self.axis = axis
    self.isReversed = isReversed
    self.isExclusive = isExclusive
  }

  public var name: String { "cumulative" }
  public var settings: String {
    "\(function.rawValue) axis \(axis)" + (isReversed ? " reversed" : "") + (isExclusive ? " exclusive" : "")
  }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    guard inputs[0].shape.indices.contains(axis), inputs[0].dataType != .bool,
      !isExclusive || function == .sum || function == .product
    else {
      throw KerasError(.invalidArgument, "cumulative \(settings) of \(inputs[0]) is not defined.")
    }
    return inputs
  }

  public func reordered(by permutation: [Int]) -> Graph.Operation? {
    var before = self
    before.axis = permutation[axis]
    return .cumulative(before)
  }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public func worksRowByRow(_ use: BatchUse) -> Bool { axis != 0 }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    let graph = point.graph
    switch function {
    case .sum:
      return [
        try graph.cumulative(
          .sum, upstream, axis: axis, isReversed: !isReversed, isExclusive: isExclusive)
      ]
    case .product:
      // As TensorFlow: exact only where no element is 0.
      let weighted = try graph.cumulative(
        .sum, graph.multiply(upstream, point.outputs[0]), axis: axis, isReversed: !isReversed,
        isExclusive: isExclusive)
      return [try graph.binary(.divide, weighted, point.input(0))]
    case .maximum, .minimum: throw point.notDifferentiable(settings)
    }
  }
}

extension GraphBuilder {
  /// Sums, products or extremes of all elements up to each one along an axis (negative: counted from the
  /// back).
  ///
  /// - Throws: `invalidArgument` for an axis that is not there, `bool`, or an exclusive extreme.
  public func cumulative(
    _ function: CumulativeOperation.Function, _ x: Value, axis: Int, isReversed: Bool = false,
    isExclusive: Bool = false
  ) throws(KerasError) -> Value {
    let axis = try resolvedAxis(axis, rank: shape(of: x).rank)
    return try append(
      .cumulative(
        CumulativeOperation(function, axis: axis, isReversed: isReversed, isExclusive: isExclusive)), [x])[0]
  }
}

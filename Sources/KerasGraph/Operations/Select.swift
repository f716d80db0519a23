/// `b` where `condition` holds, else `c`; all three are broadcast to one shape.
///
/// - Inputs: condition (`bool`), then two tensors of one type.
public struct SelectOperation: OperationRule {
  public init() {}

  public var name: String { "select" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(3...3, inputs, name)
    guard inputs[0].dataType == .bool, inputs[1].dataType == inputs[2].dataType else {
      throw KerasError(
        .shapeMismatch,
        "select takes a condition of type bool and two tensors of one type, found \(inputs[0]), \(inputs[1]) "
          + "and \(inputs[2]).")
    }
    let shape = try broadcastShape(inputs[0].shape, broadcastShape(inputs[1].shape, inputs[2].shape))
    return [TensorSpec(shape, inputs[1].dataType)]
  }

  public func inPlaceInputs(for inputs: [TensorSpec]) -> [Int] {
    guard let output = try? outputSpecs(for: inputs)[0].shape else { return [] }
    return [1, 2].filter { inputs[$0].shape == output }
  }

  public func reordered(by permutation: [Int]) -> Graph.Operation? { .select(self) }

  public var stretchesInputs: Bool { true }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.isElementwise }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil, nil, nil] }
    let graph = point.graph
    let zero = try graph.scalar(0, like: upstream)
    let first = try point.ifNeeded(1) { () throws(KerasError) in
      try graph.summed(graph.select(point.input(0), upstream, zero), to: point.input(1))
    }
    let second = try point.ifNeeded(2) { () throws(KerasError) in
      try graph.summed(graph.select(point.input(0), zero, upstream), to: point.input(2))
    }
    return [nil, first, second]
  }
}

extension GraphBuilder {
  /// `a` where `condition` holds, else `b`.
  public func select(_ condition: Value, _ a: Value, _ b: Value) throws(KerasError) -> Value {
    try append(.select(SelectOperation()), [condition, a, b])[0]
  }
}

/// One number from all elements along some axes.
public struct ReductionOperation: OperationRule {
  public enum Function: String, Hashable, Sendable, CaseIterable { case sum, mean, maximum, minimum, product }

  public var function: Function
  /// Counted from the front, ascending, each once.
  public var axes: [Int]
  /// Whether reduced axes stay, with length 1.
  public var keepsDimensions: Bool

  public init(_ function: Function, axes: [Int], keepsDimensions: Bool = false) {
    self.function = function
    self.axes = axes
    self.keepsDimensions = keepsDimensions
  }

  public var name: String { "reduction" }
  public var settings: String { "\(function.rawValue) axes \(axes)" + (keepsDimensions ? " kept" : "") }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    let shape = inputs[0].shape
    guard axes == Set(axes).sorted(), axes.allSatisfy(shape.indices.contains) else {
      throw KerasError(.invalidArgument, "Axes \(axes) are not distinct axes of \(inputs[0]).")
    }
    var kept: [Int?] = []
    for axis in 0..<shape.rank {
      if !axes.contains(axis) { kept.append(shape[axis]) } else if keepsDimensions { kept.append(1) }
    }
    return [TensorSpec(Shape(kept), inputs[0].dataType)]
  }
}

extension GraphBuilder {
  /// Reduces along `axes`, which may be negative (counted from the back).
  public func reduce(
    _ function: ReductionOperation.Function, _ x: Value, axes: [Int], keepsDimensions: Bool = false
  ) throws(KerasError) -> Value {
    var resolved: [Int] = []
    for axis in axes { resolved.append(try resolvedAxis(axis, rank: shape(of: x).rank)) }
    return try append(
      .reduction(ReductionOperation(function, axes: resolved.sorted(), keepsDimensions: keepsDimensions)), [x]
    )[0]
  }
}

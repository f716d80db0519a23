/// The position of the largest or smallest element along one axis, as `int32`; of equal ones the first.
public struct ArgumentReductionOperation: OperationRule {
  public enum Function: String, Hashable, Sendable, CaseIterable { case maximum, minimum }

  public var function: Function
  /// Counted from the front.
  public var axis: Int
  public var keepsDimensions: Bool

  public init(_ function: Function, axis: Int, keepsDimensions: Bool = false) {
    self.function = function
    self.axis = axis
    self.keepsDimensions = keepsDimensions
  }

  public var name: String { "argumentReduction" }
  public var settings: String { "\(function.rawValue) axis \(axis)" + (keepsDimensions ? " kept" : "") }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    guard inputs[0].shape.indices.contains(axis), inputs[0].shape[axis] != 0 else {
      throw KerasError(.invalidArgument, "There is no \(function) along axis \(axis) of \(inputs[0]).")
    }
    var lengths = Array(inputs[0].shape)
    if keepsDimensions { lengths[axis] = 1 } else { lengths.remove(at: axis) }
    return [TensorSpec(Shape(lengths), .int32)]
  }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public func worksRowByRow(_ use: BatchUse) -> Bool { axis != 0 }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] { [nil] }
}

extension GraphBuilder {
  /// Where the largest or smallest element along an axis stands, `int32`; of equal ones the first.
  ///
  /// - Parameter axis: negative ones count from the back.
  /// - Throws: `invalidArgument` for an axis that is not there or has no elements.
  public func argument(
    _ function: ArgumentReductionOperation.Function, _ x: Value, axis: Int = -1, keepsDimensions: Bool = false
  ) throws(KerasError) -> Value {
    let axis = try resolvedAxis(axis, rank: shape(of: x).rank)
    return try append(
      .argumentReduction(
        ArgumentReductionOperation(function, axis: axis, keepsDimensions: keepsDimensions)), [x])[0]
  }
}

/// A comparison of two tensors of one numeric type, element by element with broadcasting; the answer is `bool`.
///
/// Comparisons with NaN are false, but for `notEqual`.
public struct CompareOperation: OperationRule {
  public enum Function: String, Hashable, Sendable, CaseIterable {
    case equal, notEqual, less, lessEqual, greater, greaterEqual
  }

  public let function: Function

  public init(_ function: Function) { self.function = function }

  public var name: String { "compare" }
  public var settings: String { function.rawValue }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(2...2, inputs, name)
    guard inputs[0].dataType == inputs[1].dataType else {
      throw KerasError(
        .shapeMismatch, "\(function) takes two tensors of one type, found \(inputs[0]) and \(inputs[1]).")
    }
    return [TensorSpec(try broadcastShape(inputs[0].shape, inputs[1].shape), .bool)]
  }

  public func reordered(by permutation: [Int]) -> Graph.Operation? { .compare(self) }

  public var stretchesInputs: Bool { true }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.isElementwise }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] { [nil, nil] }
}

extension GraphBuilder {
  /// Whether the comparison holds, element by element with broadcasting, as `bool`.
  ///
  /// - Throws: `shapeMismatch` for two element types, or shapes that do not broadcast.
  public func compare(
    _ function: CompareOperation.Function, _ a: Value, _ b: Value
  ) throws(KerasError) -> Value {
    try append(.compare(CompareOperation(function)), [a, b])[0]
  }

  /// The comparison with one number, given in the type of `a`.
  public func compare(
    _ function: CompareOperation.Function, _ a: Value, _ number: Double
  ) throws(KerasError) -> Value {
    try compare(function, a, scalar(number, spec(of: a).dataType))
  }
}

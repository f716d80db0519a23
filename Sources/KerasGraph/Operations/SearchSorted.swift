/// Where values would be inserted into an ascending vector so that it stays sorted, as `int32`.
///
/// - Inputs: the vector `[n]`, then values of its type in any shape.
public struct SearchSortedOperation: OperationRule {
  /// Whether an equal element is passed: the position is then behind it.
  public var passesEqual: Bool

  public init(passesEqual: Bool) { self.passesEqual = passesEqual }

  public var name: String { "searchSorted" }
  public var settings: String { passesEqual ? "behind equals" : "before equals" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(2...2, inputs, name)
    guard inputs[0].shape.rank == 1, inputs[0].dataType == inputs[1].dataType,
      inputs[0].shape[0] ?? 0 < Int(Int32.max)
    else {
      throw KerasError(
        .shapeMismatch,
        "searchSorted takes a vector and values of its type, found \(inputs[0]) and \(inputs[1]).")
    }
    return [TensorSpec(inputs[1].shape, .int32)]
  }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.hasRows == [false, true] }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] { [nil, nil] }
}

extension GraphBuilder {
  /// Where each value would be inserted into an ascending vector, `int32`.
  ///
  /// - Parameters:
  ///   - vector: `[n]`.
  ///   - values: of the vector's element type, in any shape.
  ///   - passesEqual: whether the position is behind equal elements.
  /// - Throws: `shapeMismatch` for another rank or element type.
  public func searchSorted(_ vector: Value, for values: Value, passesEqual: Bool = false) throws(KerasError)
    -> Value
  {
    try append(.searchSorted(SearchSortedOperation(passesEqual: passesEqual)), [vector, values])[0]
  }
}

/// The same values as another element type, by the rules of ``Tensor/converted(to:)``.
public struct CastOperation: OperationRule {
  public var dataType: DataType
  /// Whether the result counts as a constant when gradients are taken.
  public var stopsGradient: Bool

  public init(to dataType: DataType, stopsGradient: Bool = false) {
    self.dataType = dataType
    self.stopsGradient = stopsGradient
  }

  public var name: String { "cast" }
  public var settings: String { "to \(dataType)" + (stopsGradient ? " without gradient" : "") }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    return [TensorSpec(inputs[0].shape, dataType)]
  }

  public func reordered(by permutation: [Int]) -> Graph.Operation? { .cast(self) }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool { true }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.allHaveRows }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0], dataType.isFloatingPoint, !stopsGradient else { return [nil] }
    return [try point.graph.cast(upstream, to: point.graph.spec(of: point.input(0)).dataType)]
  }
}

extension GraphBuilder {
  /// The same values as another element type, by the rules of ``Tensor/converted(to:)``; `x` itself where it
  /// has it.
  public func cast(_ x: Value, to dataType: DataType) throws(KerasError) -> Value {
    spec(of: x).dataType == dataType ? x : try append(.cast(CastOperation(to: dataType)), [x])[0]
  }

  /// The same value, of which gradients see nothing: it is a constant to them.
  public func stoppingGradient(_ x: Value) throws(KerasError) -> Value {
    try append(.cast(CastOperation(to: spec(of: x).dataType, stopsGradient: true)), [x])[0]
  }
}

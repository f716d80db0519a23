/// The same values as another element type, by the rules of ``Tensor/converted(to:)``.
public struct CastOperation: OperationRule {
  public var dataType: DataType

  public init(to dataType: DataType) { self.dataType = dataType }

  public var name: String { "cast" }
  public var settings: String { "to \(dataType)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    return [TensorSpec(inputs[0].shape, dataType)]
  }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0], dataType.isFloatingPoint else { return [nil] }
    return [try point.graph.cast(upstream, to: point.graph.spec(of: point.input(0)).dataType)]
  }
}

extension GraphBuilder {
  public func cast(_ x: Value, to dataType: DataType) throws(KerasError) -> Value {
    spec(of: x).dataType == dataType ? x : try append(.cast(CastOperation(to: dataType)), [x])[0]
  }
}

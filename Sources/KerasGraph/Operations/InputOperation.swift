/// A value the caller supplies.
public struct InputOperation: OperationRule {
  public let spec: TensorSpec

  package init(spec: TensorSpec) { self.spec = spec }

  public var name: String { "input" }
  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(0...0, inputs, name)
    return [spec]
  }
}

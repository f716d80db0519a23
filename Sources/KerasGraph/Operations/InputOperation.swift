/// A value the caller supplies.
public struct InputOperation: OperationRule {
  public let spec: TensorSpec

  public var name: String { "input" }
  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(0...0, inputs, name)
    return [spec]
  }
}

/// A tensor known when the graph is made: a weight, usually.
public struct ConstantOperation: OperationRule {
  public let tensor: Tensor

  package init(tensor: Tensor) { self.tensor = tensor }

  public var name: String { "constant" }
  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(0...0, inputs, name)
    return [tensor.spec]
  }

  /// Constants are equal when they are the same memory; comparing elements would be slow and no use.
  public static func == (a: ConstantOperation, b: ConstantOperation) -> Bool {
    a.tensor.isIdentical(to: b.tensor)
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(tensor.shape) }
}

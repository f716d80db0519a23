/// A tensor known when the graph is made: a weight, usually.
public struct ConstantOperation: OperationRule {
  public let tensor: Tensor
  package let identity: ConstantIdentity

  package init(tensor: Tensor) {
    self.tensor = tensor
    identity = ConstantIdentity(of: tensor)
  }

  private init(_ tensor: Tensor, _ identity: ConstantIdentity) {
    self.tensor = tensor
    self.identity = identity
  }

  /// What a pass makes of constants: the same memory as when it made it before, for another graph, if that is still
  /// held.
  ///
  /// - Parameter compute: gives a tensor of its own, of the shape and type that the computation says.
  init<Failure: Error>(
    _ computation: ConstantComputation, compute: () throws(Failure) -> Tensor
  ) throws(Failure) {
    let storage = try Self.computed.object(for: computation) { () throws(Failure) in try compute().storage }
    tensor = Tensor(shape: computation.shape, dataType: computation.dataType, storage: storage, byteOffset: 0)
    identity = ConstantIdentity(of: computation)
  }

  private static let computed = SharedObjects<ConstantComputation, TensorStorage>()

  /// The same elements in another shape.
  func reshaped(to lengths: [Int]) throws(KerasError) -> ConstantOperation {
    let tensor = try tensor.reshaped(to: lengths)
    return ConstantOperation(tensor, identity.reshaped(to: tensor.shape))
  }

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

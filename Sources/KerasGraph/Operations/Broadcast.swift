/// The same tensor in a larger shape: axes of length 1 (and missing first axes) repeat.
public struct BroadcastOperation: OperationRule {
  /// nil where the length is not known yet; only graphs that are asked for shapes have such.
  public var shape: Shape

  public init(to shape: Shape) { self.shape = shape }

  public var name: String { "broadcast" }
  public var settings: String { "to \(shape)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    guard shape.allSatisfy({ (0..<1 << 48).contains($0 ?? 0) }),
      try broadcastShape(inputs[0].shape, shape) == shape
    else {
      throw KerasError(.shapeMismatch, "\(inputs[0]) does not broadcast to \(shape).")
    }
    return [TensorSpec(shape, inputs[0].dataType)]
  }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool { true }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public var keepsFloat32: Bool { false }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    return [try point.graph.summed(upstream, to: point.input(0))]
  }
}

extension GraphBuilder {
  /// `x` in a larger shape: axes of length 1, and first axes that it lacks, repeat.
  ///
  /// - Throws: `shapeMismatch` where another length would have to change.
  public func broadcast(_ x: Value, to shape: Shape) throws(KerasError) -> Value {
    self.shape(of: x) == shape ? x : try append(.broadcast(BroadcastOperation(to: shape)), [x])[0]
  }
}

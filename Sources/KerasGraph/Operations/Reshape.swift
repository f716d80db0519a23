/// The same elements in the same order, in another shape.
public struct ReshapeOperation: OperationRule {
  /// The new lengths; at most one is -1 and follows from the rest.
  public var lengths: [Int]

  public init(_ lengths: [Int]) { self.lengths = lengths }

  public var name: String { "reshape" }
  public var settings: String { "\(lengths)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    let free = lengths.filter { $0 == -1 }.count
    guard free <= 1, let given = checkedElementCount(lengths.filter { $0 != -1 }) else {
      throw KerasError(
        .invalidArgument,
        "A shape to reshape to has at most one -1 and no other negative length, found \(lengths).")
    }
    guard let count = inputs[0].shape.elementCount else {
      // With an unknown length on the way in, the free length is unknown on the way out.
      guard free == 1 else { throw mismatch(inputs[0]) }
      return [TensorSpec(Shape(lengths.map { $0 == -1 ? nil : $0 }), inputs[0].dataType)]
    }
    guard free == 1 ? given > 0 && count % given == 0 : count == given else { throw mismatch(inputs[0]) }
    return [TensorSpec(lengths.map { $0 == -1 ? count / given : $0 }, inputs[0].dataType)]
  }

  private func mismatch(_ input: TensorSpec) -> KerasError {
    KerasError(.shapeMismatch, "The elements of \(input) do not fill the shape \(lengths).")
  }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool { true }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.allHaveRows }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    return [try point.graph.reshaped(upstream, to: point.graph.shape(of: point.input(0)))]
  }
}

extension GraphBuilder {
  /// The same elements, in the same order, in another shape.
  ///
  /// - Parameter lengths: at most one is -1, and follows from the rest.
  /// - Throws: `shapeMismatch` where the elements do not fill the shape.
  public func reshape(_ x: Value, to lengths: [Int]) throws(KerasError) -> Value {
    try append(.reshape(ReshapeOperation(lengths)), [x])[0]
  }
}

/// The axes in another order: output axis `i` is input axis `permutation[i]`.
public struct TransposeOperation: OperationRule {
  public var permutation: [Int]

  public init(_ permutation: [Int]) { self.permutation = permutation }

  public var name: String { "transpose" }
  public var settings: String { "\(permutation)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    guard permutation.sorted() == Array(0..<inputs[0].shape.rank) else {
      throw KerasError(.invalidArgument, "\(permutation) is not an order of the axes of \(inputs[0]).")
    }
    return [TensorSpec(Shape(permutation.map { inputs[0].shape[$0] }), inputs[0].dataType)]
  }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool { permutation == Array(permutation.indices) }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool { permutation.first == 0 }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    let inverse = permutation.indices.sorted { permutation[$0] < permutation[$1] }
    return [try point.graph.transpose(upstream, inverse)]
  }
}

extension GraphBuilder {
  /// The axes in another order: output axis `i` is input axis `permutation[i]`.
  ///
  /// - Throws: `invalidArgument` where that is not an order of all axes.
  public func transpose(_ x: Value, _ permutation: [Int]) throws(KerasError) -> Value {
    try append(.transpose(TransposeOperation(permutation)), [x])[0]
  }
}

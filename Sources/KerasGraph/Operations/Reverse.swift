/// The elements in opposite order along some axes.
public struct ReverseOperation: OperationRule {
  /// Counted from the front, ascending, each once.
  public var axes: [Int]

  public init(axes: [Int]) { self.axes = axes }

  public var name: String { "reverse" }
  public var settings: String { "axes \(axes)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    guard axes == Set(axes).sorted(), axes.allSatisfy(inputs[0].shape.indices.contains) else {
      throw KerasError(.invalidArgument, "Axes \(axes) are not distinct axes of \(inputs[0]).")
    }
    return inputs
  }

  public func reordered(by permutation: [Int]) -> Graph.Operation? {
    .reverse(ReverseOperation(axes: axes.map { permutation[$0] }.sorted()))
  }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool { axes.isEmpty }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public func worksRowByRow(_ use: BatchUse) -> Bool { !axes.contains(0) }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    return [try point.graph.reverse(upstream, axes: axes)]
  }
}

extension GraphBuilder {
  /// Axes may be negative (counted from the back).
  public func reverse(_ x: Value, axes: [Int]) throws(KerasError) -> Value {
    var resolved: [Int] = []
    for axis in axes { resolved.append(try resolvedAxis(axis, rank: shape(of: x).rank)) }
    return try append(.reverse(ReverseOperation(axes: resolved.sorted())), [x])[0]
  }
}

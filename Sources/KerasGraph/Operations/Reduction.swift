/// One number from all elements along some axes.
public struct ReductionOperation: OperationRule {
  public enum Function: String, Hashable, Sendable, CaseIterable { case sum, mean, maximum, minimum, product }

  public var function: Function
  /// Counted from the front, ascending, each once.
  public var axes: [Int]
  /// Whether reduced axes stay, with length 1.
  public var keepsDimensions: Bool

  public init(_ function: Function, axes: [Int], keepsDimensions: Bool = false) {
    self.function = function
    self.axes = axes
    self.keepsDimensions = keepsDimensions
  }

  public var name: String { "reduction" }
  public var settings: String { "\(function.rawValue) axes \(axes)" + (keepsDimensions ? " kept" : "") }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    let shape = inputs[0].shape
    guard axes == Set(axes).sorted(), axes.allSatisfy(shape.indices.contains) else {
      throw KerasError(.invalidArgument, "Axes \(axes) are not distinct axes of \(inputs[0]).")
    }
    var kept: [Int?] = []
    for axis in 0..<shape.rank {
      if !axes.contains(axis) { kept.append(shape[axis]) } else if keepsDimensions { kept.append(1) }
    }
    return [TensorSpec(Shape(kept), inputs[0].dataType)]
  }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool { axes.isEmpty }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool { !axes.contains(0) }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    let (graph, x) = (point.graph, point.input(0))
    var kept = graph.shape(of: x)
    for axis in axes { kept[axis] = 1 }
    /// A result for every element that made it.
    func spread(_ value: Value) throws(KerasError) -> Value { try graph.reshaped(value, to: kept) }
    switch function {
    case .sum: return [try graph.broadcast(spread(upstream), to: graph.shape(of: x))]
    case .mean:
      let count = Shape(axes.map { graph.shape(of: x)[$0] }).elementCount ?? 1
      let share = try graph.unary(.linear(scale: 1 / Float(count), offset: 0), spread(upstream))
      return [try graph.broadcast(share, to: graph.shape(of: x))]
    case .maximum, .minimum:
      // Equal extremes share evenly, as TensorFlow.
      let isExtreme = try graph.cast(
        graph.compare(.equal, x, spread(point.outputs[0])), to: graph.spec(of: x).dataType)
      let count = try graph.reduce(.sum, isExtreme, axes: axes, keepsDimensions: true)
      return [try graph.multiply(isExtreme, graph.binary(.divide, spread(upstream), count))]
    case .product:
      // The product of all others: of those before times those behind, so that zeros do no harm.
      var value = x
      let order = graph.shape(of: x).indices.filter { !axes.contains($0) } + axes
      value = try graph.transpose(value, order)
      let outer = graph.shape(of: value)
      let flat = try graph.reshaped(
        value,
        to: Shape(
          Array(outer.prefix(outer.rank - axes.count))
            + [Shape(Array(outer.suffix(axes.count))).elementCount]))
      let before = try graph.cumulative(.product, flat, axis: -1, isExclusive: true)
      let behind = try graph.cumulative(.product, flat, axis: -1, isReversed: true, isExclusive: true)
      let others = try graph.reshaped(graph.multiply(before, behind), to: outer)
      let back = order.indices.sorted { order[$0] < order[$1] }
      return [try graph.multiply(graph.transpose(others, back), spread(upstream))]
    }
  }
}

extension GraphBuilder {
  /// Reduces along `axes`, which may be negative (counted from the back).
  public func reduce(
    _ function: ReductionOperation.Function, _ x: Value, axes: [Int], keepsDimensions: Bool = false
  ) throws(KerasError) -> Value {
    var resolved: [Int] = []
    for axis in axes { resolved.append(try resolvedAxis(axis, rank: shape(of: x).rank)) }
    return try append(
      .reduction(ReductionOperation(function, axes: resolved.sorted(), keepsDimensions: keepsDimensions)), [x]
    )[0]
  }
}

/// A function of two numbers, applied element by element with NumPy's broadcasting.
public struct BinaryOperation: OperationRule {
  public enum Function: String, Hashable, Sendable, CaseIterable {
    case add, subtract, multiply, divide, maximum, minimum, power
    /// The quotient rounded down, and what it leaves, of the divisor's sign. Integers divided by 0 give 0.
    case floorDivide, remainder
    /// The angle of the point (second, first), in (−π, π].
    case arctangent2
    /// Of `bool`.
    case logicalAnd, logicalOr, logicalXor

    package var isLogical: Bool { self == .logicalAnd || self == .logicalOr || self == .logicalXor }
  }

  public let function: Function

  public init(_ function: Function) { self.function = function }

  public var name: String { "binary" }
  public var settings: String { function.rawValue }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(2...2, inputs, name)
    guard inputs[0].dataType == inputs[1].dataType, (inputs[0].dataType == .bool) == function.isLogical
    else {
      throw KerasError(
        .shapeMismatch,
        "\(function) takes two tensors of \(function.isLogical ? "type bool" : "one numeric type"), found \(inputs[0]) and \(inputs[1])."
      )
    }
    return [TensorSpec(try broadcastShape(inputs[0].shape, inputs[1].shape), inputs[0].dataType)]
  }

  public func inPlaceInputs(for inputs: [TensorSpec]) -> [Int] {
    guard let output = try? broadcastShape(inputs[0].shape, inputs[1].shape) else { return [] }
    return [0, 1].filter { inputs[$0].shape == output }
  }

  public func reordered(by permutation: [Int]) -> Graph.Operation? { .binary(self) }

  public var stretchesInputs: Bool { true }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.isElementwise }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil, nil] }
    let (graph, a, b) = (point.graph, point.input(0), point.input(1))
    func summed(_ position: Int, _ gradient: () throws(KerasError) -> Value) throws(KerasError) -> Value? {
      try point.ifNeeded(position) { () throws(KerasError) in
        try graph.summed(gradient(), to: point.input(position))
      }
    }
    /// All of it goes to `a` where the comparison holds: with ties, as TensorFlow.
    func shared(where function: CompareOperation.Function) throws(KerasError) -> [Value?] {
      let condition = try graph.compare(function, a, b)
      let zero = try graph.scalar(0, like: upstream)
      return [
        try summed(0) { () throws(KerasError) in try graph.select(condition, upstream, zero) },
        try summed(1) { () throws(KerasError) in try graph.select(condition, zero, upstream) },
      ]
    }
    switch function {
    case .add:
      return [
        try summed(0) { () throws(KerasError) in upstream },
        try summed(1) { () throws(KerasError) in upstream },
      ]
    case .subtract:
      return [
        try summed(0) { () throws(KerasError) in upstream },
        try summed(1) { () throws(KerasError) in try graph.unary(.negate, upstream) },
      ]
    case .multiply:
      return [
        try summed(0) { () throws(KerasError) in try graph.multiply(upstream, b) },
        try summed(1) { () throws(KerasError) in try graph.multiply(upstream, a) },
      ]
    case .divide:
      return [
        try summed(0) { () throws(KerasError) in try graph.binary(.divide, upstream, b) },
        try summed(1) { () throws(KerasError) in
          try graph.unary(
            .negate, graph.binary(.divide, graph.multiply(upstream, point.outputs[0]), b))
        },
      ]
    case .maximum: return try shared(where: .greaterEqual)
    case .minimum: return try shared(where: .lessEqual)
    case .power:
      return [
        try summed(0) { () throws(KerasError) in
          let lower = try graph.binary(.power, a, graph.unary(.linear(scale: 1, offset: -1), b))
          return try graph.multiply(upstream, graph.multiply(b, lower))
        },
        // The derivative by the exponent is 0 where the base is not positive, as TensorFlow.
        try summed(1) { () throws(KerasError) in
          let isPositive = try graph.compare(.greater, a, 0)
          let safe = try graph.select(isPositive, a, graph.scalar(1, like: a))
          let slope = try graph.multiply(point.outputs[0], graph.unary(.logarithm, safe))
          return try graph.multiply(
            upstream, graph.select(isPositive, slope, graph.scalar(0, like: upstream)))
        },
      ]
    case .remainder:
      return [
        try summed(0) { () throws(KerasError) in upstream },
        try summed(1) { () throws(KerasError) in
          try graph.unary(.negate, graph.multiply(upstream, graph.binary(.floorDivide, a, b)))
        },
      ]
    case .floorDivide: return [nil, nil]
    case .arctangent2:
      let length = try graph.add(graph.unary(.square, a), graph.unary(.square, b))
      let scaled = try graph.binary(.divide, upstream, length)
      return [
        try summed(0) { () throws(KerasError) in try graph.multiply(scaled, b) },
        try summed(1) { () throws(KerasError) in try graph.unary(.negate, graph.multiply(scaled, a)) },
      ]
    case .logicalAnd, .logicalOr, .logicalXor: return [nil, nil]
    }
  }
}

/// The shape of two tensors combined element by element: axes are matched from the last one, and a
/// length of 1 (or a missing axis) stretches to the other's.
///
/// - Throws: `shapeMismatch` when two lengths differ and neither is 1.
package func broadcastShape(_ a: Shape, _ b: Shape) throws(KerasError) -> Shape {
  var result = a.rank >= b.rank ? a : b
  let other = a.rank >= b.rank ? b : a
  let extra = result.rank - other.rank
  for axis in 0..<other.rank {
    switch (result[axis + extra], other[axis]) {
    case (let x, let y) where x == y: break
    case (1?, let y): result[axis + extra] = y
    case (_, 1?): break
    // One is unknown: it must turn out to be the known length or 1, and the result is the known one.
    case (nil, let y): result[axis + extra] = y
    case (_, nil): break
    default: throw KerasError(.shapeMismatch, "Shapes \(a) and \(b) do not broadcast to a common one.")
    }
  }
  return result
}

extension GraphBuilder {
  /// A function of two numbers, element by element; shapes broadcast as NumPy's.
  ///
  /// - Throws: `shapeMismatch` for two element types, or shapes that do not broadcast.
  public func binary(_ function: BinaryOperation.Function, _ a: Value, _ b: Value) throws(KerasError) -> Value
  {
    try append(.binary(BinaryOperation(function)), [a, b])[0]
  }

  /// `a + b`, with broadcasting. Throws as ``binary(_:_:_:)``.
  public func add(_ a: Value, _ b: Value) throws(KerasError) -> Value { try binary(.add, a, b) }
  /// `a · b`, element by element, with broadcasting. Throws as ``binary(_:_:_:)``.
  public func multiply(_ a: Value, _ b: Value) throws(KerasError) -> Value { try binary(.multiply, a, b) }
}

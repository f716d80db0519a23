/// A function of two numbers, applied element by element with NumPy's broadcasting.
public struct BinaryOperation: OperationRule {
  public enum Function: String, Hashable, Sendable, CaseIterable {
    case add, subtract, multiply, divide, maximum, minimum, power
  }

  public let function: Function

  public init(_ function: Function) { self.function = function }

  public var name: String { "binary" }
  public var settings: String { function.rawValue }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(2...2, inputs, name)
    guard inputs[0].dataType == inputs[1].dataType, inputs[0].dataType != .bool else {
      throw KerasError(
        .shapeMismatch,
        "\(function) takes two tensors of one numeric type, found \(inputs[0]) and \(inputs[1]).")
    }
    return [TensorSpec(try broadcastShape(inputs[0].shape, inputs[1].shape), inputs[0].dataType)]
  }

  public func inPlaceInputs(for inputs: [TensorSpec]) -> [Int] {
    guard let output = try? broadcastShape(inputs[0].shape, inputs[1].shape) else { return [] }
    return [0, 1].filter { inputs[$0].shape == output }
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
  public func binary(_ function: BinaryOperation.Function, _ a: Value, _ b: Value) throws(KerasError) -> Value
  {
    try append(.binary(BinaryOperation(function)), [a, b])[0]
  }

  public func add(_ a: Value, _ b: Value) throws(KerasError) -> Value { try binary(.add, a, b) }
  public func multiply(_ a: Value, _ b: Value) throws(KerasError) -> Value { try binary(.multiply, a, b) }
}

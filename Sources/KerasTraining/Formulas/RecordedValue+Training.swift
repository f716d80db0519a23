import KerasGraph

// What the formulas of losses, metrics and optimizers say besides operators.
extension RecordedValue {
  /// Writes an operation behind this value.
  package func then(_ record: (GraphBuilder, Value) throws(KerasError) -> Value) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in try record(graph, value) }
  }

  /// A number in the type of this value.
  package func number(_ number: Double) -> RecordedValue {
    then { (graph, x) throws(KerasError) in try graph.scalar(number, like: x) }
  }

  package func mean(axes: [Int]? = nil, keepsDimensions: Bool = false) -> RecordedValue {
    then { (graph, x) throws(KerasError) in
      try graph.mean(x, axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  package func maximum(axes: [Int]? = nil, keepsDimensions: Bool = false) -> RecordedValue {
    then { (graph, x) throws(KerasError) in
      try graph.maximum(of: x, axes: axes, keepsDimensions: keepsDimensions)
    }
  }

  /// The sum of all elements.
  package func total() -> RecordedValue { then { (graph, x) throws(KerasError) in try graph.sum(x) } }

  package func cast(to type: DataType) -> RecordedValue {
    then { (graph, x) throws(KerasError) in try graph.cast(x, to: type) }
  }

  package func clipped(_ low: Double, _ high: Double) -> RecordedValue {
    applying(.clip(low: Float(low), high: Float(high)))
  }

  /// The same without gradient.
  package var stopped: RecordedValue {
    then { (graph, x) throws(KerasError) in try graph.stoppingGradient(x) }
  }

  package var squared: RecordedValue { applying(.square) }
  package var root: RecordedValue { applying(.squareRoot) }
  package var magnitude: RecordedValue { applying(.absolute) }
  package var logarithm: RecordedValue { applying(.logarithm) }

  package func power(_ exponent: Double) -> RecordedValue { combined(.power, with: exponent) }

  /// 0 where the divisor is 0.
  package func dividedOrZero(by divisor: RecordedValue) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in try graph.divideNoNaN(value, divisor.value) }
  }

  package func expanded(axis: Int) -> RecordedValue {
    then { (graph, x) throws(KerasError) in try graph.expandDimensions(x, axis: axis) }
  }

  package func squeezed(axis: Int) -> RecordedValue {
    then { (graph, x) throws(KerasError) in try graph.squeeze(x, axes: [axis]) }
  }

  package func reshaped(to shape: [Int]) -> RecordedValue {
    then { (graph, x) throws(KerasError) in try graph.reshape(x, to: shape) }
  }

  /// `count` elements along an axis.
  package func sliced(axis: Int = 0, from start: Int, count: Int?) -> RecordedValue {
    then { (graph, x) throws(KerasError) in try graph.slice(x, axis: axis, from: start, count: count) }
  }

  /// The position of the largest element along an axis, `int32`.
  package func positionOfMaximum(axis: Int = -1) -> RecordedValue {
    then { (graph, x) throws(KerasError) in try graph.argument(.maximum, x, axis: axis) }
  }

  package func logSumExp(axis: Int, keepsDimensions: Bool = false) -> RecordedValue {
    then { (graph, x) throws(KerasError) in
      try graph.logSumExp(x, axes: [axis], keepsDimensions: keepsDimensions)
    }
  }

  package func transposed() -> RecordedValue {
    then { (graph, x) throws(KerasError) in
      try graph.transpose(x, graph.shape(of: x).indices.reversed())
    }
  }

  package func matrixProduct(_ other: RecordedValue) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in try graph.matrixMultiply(value, other.value) }
  }

  package func broadcast(to shape: Shape) -> RecordedValue {
    then { (graph, x) throws(KerasError) in try graph.broadcast(x, to: shape) }
  }

  /// Both hold.
  package func and(_ other: RecordedValue) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in try graph.binary(.logicalAnd, value, other.value) }
  }

  package var negated: RecordedValue { then { (graph, x) throws(KerasError) in try graph.logicalNot(x) } }

  package var rank: Int { get throws(KerasError) { try spec.shape.rank } }

  /// The lengths of all axes.
  ///
  /// - Throws: `shapeMismatch` where one is not known, which does not happen in a graph that is run.
  package var lengths: [Int] {
    get throws(KerasError) {
      guard let known = try spec.shape.known else {
        throw KerasError(.shapeMismatch, "Expected a tensor of known shape, found \(try spec).")
      }
      return known
    }
  }
}

extension GraphBuilder {
  /// A number as an operand of formulas.
  package func number(_ number: Double, _ type: DataType = .float32) -> RecordedValue {
    self[scalar(number, type)]
  }
}

/// Two values whose ranks differ by a last axis of length 1, which one loses or the other gains, as Keras'
/// `squeeze_or_expand_to_same_rank`.
package func aligned(
  _ a: RecordedValue, _ b: RecordedValue, expandsVectors: Bool = true
) throws(KerasError) -> (RecordedValue, RecordedValue) {
  let (first, second) = (try a.spec.shape, try b.spec.shape)
  if first.rank == second.rank + 1, first.last == 1 {
    return second.rank == 1 && expandsVectors ? (a, b.expanded(axis: -1)) : (a.squeezed(axis: -1), b)
  }
  if second.rank == first.rank + 1, second.last == 1 {
    return first.rank == 1 && expandsVectors ? (a.expanded(axis: -1), b) : (a, b.squeezed(axis: -1))
  }
  return (a, b)
}

/// Keras' `epsilon`, which keeps logarithms and divisions finite.
package let kerasEpsilon = 1e-7

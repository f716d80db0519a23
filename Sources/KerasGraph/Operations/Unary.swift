/// A function of one number, applied to every element.
///
/// The same functions serve as fused activations of other operations.
public enum UnaryFunction: Hashable, Sendable {
  /// max(x, 0)
  case relu
  /// min(max(x, 0), 6); unlike ``clip(low:high:)`` its derivative at 0 and 6 is 0, as TensorFlow's
  case relu6
  /// x where x > 0, else slope · x
  case leakyRelu(slope: Float)
  /// x where x > 0, else alpha · (eˣ − 1)
  case elu(alpha: Float)
  /// min(max(x, low), high)
  case clip(low: Float, high: Float)
  /// 1 / (1 + e⁻ˣ)
  case sigmoid
  case tanh
  /// ln(1 + eˣ)
  case softplus
  /// x / (1 + |x|)
  case softsign
  case exponential
  /// eˣ − 1, exact near 0
  case exponentialMinusOne
  /// Natural logarithm.
  case logarithm
  /// ln(1 + x), exact near 0
  case logarithmOfOnePlus
  case squareRoot
  /// 1 / √x
  case reciprocalSquareRoot
  case reciprocal
  case square
  case absolute
  case negate
  /// −1, 0 or 1
  case sign
  case floor
  case ceiling
  /// To the nearest integer, halves to the even one.
  case round
  case sine
  case cosine
  case tangent
  case arcsine
  case arccosine
  case arctangent
  case hyperbolicSine
  case hyperbolicCosine
  /// 2/√π · ∫₀ˣ e^(−t²) dt
  case errorFunction
  /// scale · x + offset
  case linear(scale: Float, offset: Float)

  /// Whether no result is below zero, so that zeros may stand for "nothing" in a maximum.
  public var isNonNegative: Bool {
    switch self {
    case .relu, .relu6, .sigmoid, .softplus, .exponential, .squareRoot, .reciprocalSquareRoot, .square,
      .absolute,
      .hyperbolicCosine, .arccosine:
      true
    case .clip(let low, _): low >= 0
    case .leakyRelu, .elu, .tanh, .softsign, .exponentialMinusOne, .logarithm, .logarithmOfOnePlus,
      .reciprocal,
      .negate, .sign, .floor, .ceiling, .round, .sine, .cosine, .tangent, .arcsine, .arctangent,
      .hyperbolicSine,
      .errorFunction, .linear:
      false
    }
  }
}

/// Applies a ``UnaryFunction`` element by element.
public struct UnaryOperation: OperationRule {
  public let function: UnaryFunction

  public init(_ function: UnaryFunction) { self.function = function }

  public var name: String { "unary" }
  public var settings: String { "\(function)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    guard inputs[0].dataType.isFloatingPoint else {
      throw KerasError(.shapeMismatch, "\(function) takes floating-point numbers, found \(inputs[0]).")
    }
    return inputs
  }

  public func inPlaceInputs(for inputs: [TensorSpec]) -> [Int] { [0] }

  public func reordered(by permutation: [Int]) -> Graph.Operation? { .unary(self) }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool { function == .linear(scale: 1, offset: 0) }

  public var folding: ConstantFolding { .inPlaceOfInputs }

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.allHaveRows }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    return [try chain(upstream, x: point.input(0), y: point.outputs[0], in: point.graph)]
  }

  /// The upstream gradient times the derivative at `x`, where the function is `y`. At kinks as TensorFlow.
  private func chain(
    _ upstream: Value, x: Value, y: Value, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    func times(_ derivative: Value) throws(KerasError) -> Value { try graph.multiply(upstream, derivative) }
    func divided(by value: Value) throws(KerasError) -> Value {
      try graph.binary(.divide, upstream, value)
    }
    func linear(_ scale: Float, _ value: Value, _ offset: Float) throws(KerasError) -> Value {
      try graph.unary(.linear(scale: scale, offset: offset), value)
    }
    func kept(where condition: Value, else other: Value? = nil) throws(KerasError) -> Value {
      try graph.select(condition, upstream, other.orElse(graph.scalar(0, like: upstream)))
    }
    switch function {
    // The results tell as much as the arguments, and are likelier to be kept for the next layer anyway.
    case .relu: return try kept(where: graph.compare(.greater, y, 0))
    case .relu6:
      return try kept(
        where: graph.binary(.logicalAnd, graph.compare(.greater, y, 0), graph.compare(.less, y, 6)))
    case .leakyRelu(let slope):
      return try kept(where: graph.compare(.greater, x, 0), else: linear(slope, upstream, 0))
    case .elu(let alpha):
      return try kept(where: graph.compare(.greaterEqual, x, 0), else: times(linear(1, y, alpha)))
    case .clip(let low, let high):
      return try kept(
        where: graph.binary(
          .logicalAnd, graph.compare(.greaterEqual, x, Double(low)),
          graph.compare(.lessEqual, x, Double(high))))
    case .sigmoid: return try graph.multiply(times(y), linear(-1, y, 1))
    case .tanh: return try times(linear(-1, graph.unary(.square, y), 1))
    case .softplus: return try times(graph.unary(.sigmoid, x))
    case .softsign: return try divided(by: graph.unary(.square, linear(1, graph.unary(.absolute, x), 1)))
    case .exponential: return try times(y)
    case .exponentialMinusOne: return try times(graph.unary(.exponential, x))
    case .logarithm: return try divided(by: x)
    case .logarithmOfOnePlus: return try divided(by: linear(1, x, 1))
    case .squareRoot: return try divided(by: linear(2, y, 0))
    case .reciprocalSquareRoot:
      return try linear(-0.5, times(graph.multiply(y, graph.unary(.square, y))), 0)
    case .reciprocal: return try graph.unary(.negate, times(graph.unary(.square, y)))
    case .square: return try times(linear(2, x, 0))
    case .absolute: return try times(graph.unary(.sign, x))
    case .negate: return try graph.unary(.negate, upstream)
    // Constant between their jumps.
    case .sign, .floor, .ceiling, .round: return try graph.zeros(like: x)
    case .sine: return try times(graph.unary(.cosine, x))
    case .cosine: return try graph.unary(.negate, times(graph.unary(.sine, x)))
    case .tangent: return try times(linear(1, graph.unary(.square, y), 1))
    case .arcsine:
      return try times(graph.unary(.reciprocalSquareRoot, linear(-1, graph.unary(.square, x), 1)))
    case .arccosine:
      let slope = try graph.unary(.reciprocalSquareRoot, linear(-1, graph.unary(.square, x), 1))
      return try graph.unary(.negate, times(slope))
    case .arctangent: return try divided(by: linear(1, graph.unary(.square, x), 1))
    case .hyperbolicSine: return try times(graph.unary(.hyperbolicCosine, x))
    case .hyperbolicCosine: return try times(graph.unary(.hyperbolicSine, x))
    case .errorFunction:
      let density = try graph.unary(.exponential, graph.unary(.negate, graph.unary(.square, x)))
      return try linear(2 / Float.pi.squareRoot(), times(density), 0)
    case .linear(let scale, _): return try linear(scale, upstream, 0)
    }
  }
}

extension GraphBuilder {
  /// `function` of every element of `x`.
  public func unary(_ function: UnaryFunction, _ x: Value) throws(KerasError) -> Value {
    try append(.unary(UnaryOperation(function)), [x])[0]
  }
}

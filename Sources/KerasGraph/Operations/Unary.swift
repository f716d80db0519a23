/// A function of one number, applied to every element.
///
/// The same functions serve as fused activations of other operations.
public enum UnaryFunction: Hashable, Sendable {
  /// max(x, 0)
  case relu
  /// x where x > 0, else slope · x
  case leakyRelu(slope: Float)
  /// x where x > 0, else alpha · (eˣ − 1)
  case elu(alpha: Float)
  /// min(max(x, low), high); ReLU6 is `clip(low: 0, high: 6)`
  case clip(low: Float, high: Float)
  /// 1 / (1 + e⁻ˣ)
  case sigmoid
  case tanh
  /// ln(1 + eˣ)
  case softplus
  /// x / (1 + |x|)
  case softsign
  case exponential
  /// Natural logarithm.
  case logarithm
  case squareRoot
  /// 1 / √x
  case reciprocalSquareRoot
  case square
  case absolute
  case negate
  /// scale · x + offset
  case linear(scale: Float, offset: Float)

  /// Whether no result is below zero, so that zeros may stand for "nothing" in a maximum.
  public var isNonNegative: Bool {
    switch self {
    case .relu, .sigmoid, .softplus, .exponential, .squareRoot, .reciprocalSquareRoot, .square, .absolute:
      true
    case .clip(let low, _): low >= 0
    case .leakyRelu, .elu, .tanh, .softsign, .logarithm, .negate, .linear: false
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
}

extension GraphBuilder {
  /// `function` of every element of `x`.
  public func unary(_ function: UnaryFunction, _ x: Value) throws(KerasError) -> Value {
    try append(.unary(UnaryOperation(function)), [x])[0]
  }
}

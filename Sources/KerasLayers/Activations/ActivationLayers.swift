import KerasGraph

/// Applies an ``ActivationFunction``. Any shape in, the same out; no weights.
public final class Activation: Layer, @unchecked Sendable {
  public let function: ActivationFunction

  public init(_ function: ActivationFunction, name: String? = nil) {
    self.function = function
    super.init(name: name)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try function.apply(to: input, in: context.graph)
  }
}

/// The rectified linear unit with an optional ceiling: `min(max(x, 0), maximum)`.
public final class ReLU: Layer, @unchecked Sendable {
  public let maximum: Float?

  public init(maximum: Float? = nil, name: String? = nil) {
    self.maximum = maximum
    super.init(name: name)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try context.graph.unary(maximum.map { .clip(low: 0, high: $0) } ?? .relu, input)
  }
}

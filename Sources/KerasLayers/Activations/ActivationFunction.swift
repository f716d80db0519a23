import KerasGraph

/// A function that layers apply to their output. Raw values are Keras' names, as stored in files.
public enum ActivationFunction: String, Hashable, Sendable, CaseIterable {
  case linear
  case relu
  /// min(max(x, 0), 6)
  case relu6
  case elu
  case sigmoid
  case tanh
  case softplus
  case softsign
  case exponential
  /// Along the last axis.
  case softmax

  /// Records the function of `x`.
  public func apply(to x: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    switch self {
    case .linear: x
    case .relu: try graph.unary(.relu, x)
    case .relu6: try graph.unary(.clip(low: 0, high: 6), x)
    case .elu: try graph.unary(.elu(alpha: 1), x)
    case .sigmoid: try graph.unary(.sigmoid, x)
    case .tanh: try graph.unary(.tanh, x)
    case .softplus: try graph.unary(.softplus, x)
    case .softsign: try graph.unary(.softsign, x)
    case .exponential: try graph.unary(.exponential, x)
    case .softmax: try graph.softmax(x)
    }
  }

  /// The activation Keras calls `name`.
  ///
  /// - Throws: `unknownName`, listing the nearest names.
  public init(named name: String) throws(KerasError) {
    guard let activation = ActivationFunction(rawValue: name) else {
      let names = nearestNames(to: name, among: Self.allCases.map(\.rawValue))
      throw KerasError(
        .unknownName, "There is no activation called `\(name)`.",
        remedy: names.isEmpty ? nil : "did you mean " + names.joined(separator: ", ") + "?")
    }
    self = activation
  }
}

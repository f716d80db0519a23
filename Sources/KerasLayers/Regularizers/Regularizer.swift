import KerasGraph

/// A penalty on a weight or an activation that training adds to its loss.
public protocol Regularizer: Serializable {
  /// Records the penalty of `x`: one number.
  func loss(of x: Value, in graph: GraphBuilder) throws(KerasError) -> Value
}

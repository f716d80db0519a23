import KerasGraph

/// What a weight must fulfil after every step of training.
public protocol Constraint: Serializable {
  /// Records the nearest weight to `w` that fulfils it, of the same shape.
  func apply(to w: Value, in graph: GraphBuilder) throws(KerasError) -> Value
}

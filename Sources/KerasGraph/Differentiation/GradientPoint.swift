/// Where a gradient is asked for: a node, what came back to its outputs, and the graph to record into.
public struct GradientPoint {
  public let node: Node
  public let outputs: [Value]
  /// The gradient of each output; nil where nothing depends on it.
  public let upstream: [Value?]
  /// Which inputs' gradients somebody wants. Frozen weights are not among them.
  public let needed: [Bool]
  public let graph: GraphBuilder

  public func input(_ position: Int) -> Value { node.inputs[position] }

  /// The result of `body` where the gradient of input number `position` is wanted.
  public func ifNeeded(_ position: Int, _ body: () throws(KerasError) -> Value) throws(KerasError) -> Value? {
    needed[position] ? try body() : nil
  }

  public func notDifferentiable(_ what: String = "") -> KerasError {
    KerasError(
      .notDifferentiable,
      "The operation \(node.operation.name)\(what.isEmpty ? "" : " (\(what))") has no gradient.",
      path: node.name.isEmpty ? [] : [node.name])
  }
}

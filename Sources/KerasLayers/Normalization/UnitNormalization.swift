import KerasGraph

/// Vectors along some axes scaled to length 1: `x / ‖x‖`. Any shape; no weights.
public final class UnitNormalization: Layer, @unchecked Sendable {
  @Setting("axis") public private(set) var axis: AxisSelection

  public init(axis: AxisSelection = -1, name: String? = nil) {
    super.init(name: name)
    self.axis = axis
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let axes = try axis.resolved(rank: context.graph.shape(of: input).rank)
    return try context.graph.normalize(input, axes: axes, epsilon: 1e-12)
  }
}

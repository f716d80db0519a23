import KerasGraph

/// Vectors along some axes scaled to length 1: `x / ‖x‖`. Any shape; no weights.
public final class UnitNormalization: Layer, @unchecked Sendable {
  public let axis: AxisSelection

  public init(axis: AxisSelection = -1, name: String? = nil) {
    self.axis = axis
    super.init(name: name)
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    self.init(axis: try settings.axes("axis", default: -1), name: settings.name)
  }

  public override var config: JSONObject { ["axis": axis.json] }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let axes = try axis.resolved(rank: context.graph.shape(of: input).rank)
    return try context.graph.normalize(input, axes: axes, epsilon: 1e-12)
  }
}

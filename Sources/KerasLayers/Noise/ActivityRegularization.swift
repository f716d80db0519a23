import KerasGraph

/// Gives back what it gets and adds `l1 · Σ |x| + l2 · Σ x²`, divided by the number of samples, to training's loss.
public final class ActivityRegularization: Layer, @unchecked Sendable {
  public let l1: Double
  public let l2: Double

  public init(l1: Double = 0, l2: Double = 0, name: String? = nil) {
    self.l1 = l1
    self.l2 = l2
    super.init(name: name)
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    self.init(
      l1: try settings.number("l1", default: 0), l2: try settings.number("l2", default: 0),
      name: settings.name)
  }

  public override var config: JSONObject { ["l1": .number(l1), "l2": .number(l2)] }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try context.addActivityLoss(L1L2(l1: l1, l2: l2), of: input)
    return input
  }
}

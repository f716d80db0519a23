import KerasGraph

/// Gives back what it gets and adds `l1 · Σ |x| + l2 · Σ x²`, divided by the number of samples, to training's loss.
public final class ActivityRegularization: Layer, @unchecked Sendable {
  @Setting("l1") public private(set) var l1: Double
  @Setting("l2") public private(set) var l2: Double

  public init(l1: Double = 0, l2: Double = 0, name: String? = nil) {
    super.init(name: name)
    self.l1 = l1
    self.l2 = l2
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try context.addActivityLoss(L1L2(l1: l1, l2: l2), of: input)
    return input
  }
}

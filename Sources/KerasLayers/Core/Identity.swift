import KerasGraph

/// Gives back what it gets. Any shape; no weights.
public final class Identity: Layer, @unchecked Sendable {
  public override init(name: String? = nil) { super.init(name: name) }

  public override var supportsMasking: Bool { true }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    context.setOutputMasks(context.masks)
    return inputs
  }
}

import KerasGraph

/// Tensors one after the other along an axis; all other lengths are equal.
public final class Concatenate: Merge, @unchecked Sendable {
  @Setting("axis") public private(set) var axis: Int

  public init(axis: Int = -1, name: String? = nil) {
    super.init(name: name)
    self.axis = axis
  }

  override func merge(_ inputs: [Value], in context: CallContext) throws(KerasError) -> Value {
    try context.graph.concatenate(inputs, axis: axis)
  }

  /// The joined masks of features: a step is something where any of its features is; by the old rule, where all are.
  override func setMask(for inputs: [Value], in context: CallContext) throws(KerasError) {
    let graph = context.graph
    maskRule.note(context.masks, in: context)
    guard inputs.indices.contains(where: { context.mask($0) != nil }) else { return }
    var masks: [Value] = []
    for (index, input) in inputs.enumerated() {
      guard let mask = context.mask(index) else {
        masks.append(try graph.filled(1, graph.shape(of: input), .bool))
        continue
      }
      let isPerStep = graph.shape(of: mask).rank < graph.shape(of: input).rank
      masks.append(isPerStep ? try graph.featureMask(mask, like: input) : mask)
    }
    let joined = try graph.concatenate(masks, axis: axis)
    context.setOutputMasks([
      maskRule.state.isOld
        ? try graph.logicalNot(graph.any(graph.logicalNot(joined), axes: [-1]))
        : try graph.any(joined, axes: [-1])
    ])
  }
}

import KerasGraph

/// The product of tensors, element by element, with broadcasting.
///
/// Masked steps of one input count as 1; steps that all inputs mask become 0.
public final class Multiply: Merge, @unchecked Sendable {
  override func merge(_ inputs: [Value], masks: [Value?], in context: CallContext) throws(KerasError) -> Value
  {
    let graph = context.graph
    var result: Value?
    var something: Value?
    for (input, mask) in zip(inputs, masks) {
      var factor = input
      if let mask = try mask.map({ (mask) throws(KerasError) in try graph.featureMask(mask, like: input) }) {
        factor = try graph.select(mask, input, graph.scalar(1, like: input))
        something =
          try something.map { (others) throws(KerasError) in
            try graph.binary(.logicalOr, others, mask)
          } ?? mask
      }
      result = try result.map { (others) throws(KerasError) in try graph.multiply(others, factor) } ?? factor
    }
    guard let result else { return inputs[0] }
    guard let something, masks.allSatisfy({ $0 != nil }) else { return result }
    return try graph.select(something, result, graph.scalar(0, like: result))
  }
}

import KerasGraph

/// The largest of tensors, element by element, with broadcasting; masked steps do not take part.
public final class Maximum: Extreme, @unchecked Sendable {
  override func combine(_ a: Value, _ b: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    try graph.binary(.maximum, a, b)
  }
}

/// The smallest of tensors, element by element, with broadcasting; masked steps do not take part.
public final class Minimum: Extreme, @unchecked Sendable {
  override func combine(_ a: Value, _ b: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    try graph.binary(.minimum, a, b)
  }
}

/// What ``Maximum`` and ``Minimum`` have in common: where one side is masked, the other's element stands for both.
public class Extreme: Merge, @unchecked Sendable {
  override func merge(_ inputs: [Value], masks: [Value?], in context: CallContext) throws(KerasError) -> Value
  {
    let graph = context.graph
    func mask(_ index: Int) throws(KerasError) -> Value? {
      try masks[index].map { (mask) throws(KerasError) in try graph.featureMask(mask, like: inputs[index]) }
    }
    var (result, known) = (inputs[0], try mask(0))
    for index in inputs.indices.dropFirst() {
      var next = inputs[index]
      let mask = try mask(index)
      if let mask { next = try graph.select(mask, next, result) }
      if let known { result = try graph.select(known, result, next) }
      if let before = known, let mask {
        known = try graph.binary(.logicalOr, before, mask)
      } else {
        known = nil
      }
      result = try combine(result, next, in: graph)
    }
    return result
  }
}

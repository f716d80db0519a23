import KerasGraph

/// The sum of tensors, element by element, with broadcasting.
public final class Add: Merge, @unchecked Sendable {
  override func combine(_ a: Value, _ b: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    try graph.add(a, b)
  }
}

/// The first of two tensors minus the second, element by element, with broadcasting.
public final class Subtract: Merge, @unchecked Sendable {
  override var inputCounts: ClosedRange<Int> { 2...2 }

  override func combine(_ a: Value, _ b: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    try graph.binary(.subtract, a, b)
  }
}

/// The mean of tensors, element by element, with broadcasting.
public final class Average: Merge, @unchecked Sendable {
  override func merge(_ inputs: [Value], masks: [Value?], in context: CallContext) throws(KerasError) -> Value
  {
    let sum = try super.merge(inputs, masks: masks, in: context)
    let count = try context.graph.scalar(Double(inputs.count), like: sum)
    return try context.graph.binary(.divide, sum, count)
  }

  override func combine(_ a: Value, _ b: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    try graph.add(a, b)
  }
}

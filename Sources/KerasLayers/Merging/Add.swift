import KerasGraph

/// The sum of two or more tensors, element by element, with broadcasting.
public final class Add: Layer, @unchecked Sendable {
  public override init(name: String? = nil) { super.init(name: name) }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    guard inputs.count >= 2 else {
      throw KerasError(.invalidArgument, "Add takes at least two inputs, found \(inputs.count).")
    }
    var sum = inputs[0]
    for input in inputs.dropFirst() { sum = try context.graph.add(sum, input) }
    return [sum]
  }
}

// What a graph costs to run, before anybody runs it.

extension Graph {
  /// The products of two numbers that a run multiplies and adds up, those of convolutions and matrix products. Where a
  /// length is not known, or the number too large, nil.
  public var multiplyAdds: Int? {
    var sum = 0
    for node in nodes {
      guard let count = multiplyAdds(of: node) else { return nil }
      let (total, overflow) = sum.addingReportingOverflow(count)
      guard !overflow else { return nil }
      sum = total
    }
    return sum
  }

  /// The same of one of its nodes.
  public func multiplyAdds(of node: Node) -> Int? {
    node.operation.rule.multiplyAdds(node.inputs.map(spec(of:)), node.outputs)
  }

  /// The bytes of a value as the graph has it; nil where a length is not known.
  package func byteCount(of value: Value) -> Int? {
    let spec = spec(of: value)
    return spec.shape.known.flatMap { checkedElementCount($0 + [spec.dataType.byteCount]) }
  }

  /// The bytes of all constants together.
  package var constantByteCount: Int {
    nodes.reduce(0) { sum, node in
      if case .constant(let constant) = node.operation { sum + constant.tensor.byteCount } else { sum }
    }
  }
}

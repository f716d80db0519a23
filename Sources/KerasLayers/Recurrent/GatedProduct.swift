import KerasGraph

extension GraphBuilder {
  /// `x · kernel`, whose columns are those of `gateCount` gates, with dropout's masks on `x`: none, one, or one for
  /// each gate.
  func gatedProduct(_ x: Value, _ kernel: Value, gateCount: Int, masks: [Value]) throws(KerasError) -> Value {
    try gated(x, kernel, gateCount: gateCount, masks: masks) { (x, kernel) throws(KerasError) in
      try matrixMultiply(x, kernel)
    }
  }

  /// The same for any product whose last axis is that of the kernel.
  func gated(
    _ x: Value, _ kernel: Value, gateCount: Int, masks: [Value],
    _ product: (_ x: Value, _ kernel: Value) throws(KerasError) -> Value
  ) throws(KerasError) -> Value {
    switch masks.count {
    case 0: return try product(x, kernel)
    case 1: return try product(masked(x, masks[0]), kernel)
    default:
      let pieces = try parts(kernel, into: gateCount)
      var products: [Value] = []
      for (mask, piece) in zip(masks, pieces) { products.append(try product(masked(x, mask), piece)) }
      return try concatenate(products, axis: -1)
    }
  }

  private func masked(_ x: Value, _ mask: Value) throws(KerasError) -> Value {
    try multiply(x, cast(mask, to: spec(of: x).dataType))
  }

  /// Equal parts of the last axis.
  func parts(_ x: Value, into count: Int) throws(KerasError) -> [Value] {
    let length = (shape(of: x).last ?? nil).map { $0 / count }
    return try (0..<count).map { (index) throws(KerasError) in
      try slice(x, axis: -1, from: index * (length ?? 0), count: length)
    }
  }
}

extension RecordedValue {
  /// Equal parts of the last axis.
  func parts(_ count: Int) throws(KerasError) -> [RecordedValue] {
    try graph.parts(value, into: count).map { RecordedValue($0, in: graph) }
  }
}

import KerasGraph

extension CellOptions {
  /// Dropout's masks for the steps of one sequence, where a cell is being trained with dropout.
  ///
  /// Gal and Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks" (2016): every
  /// step of a sequence drops the same.
  ///
  /// - Parameters:
  ///   - maskCount: 1, or the number of gates where each has a mask of its own.
  ///   - dropsAll: whether a rate of 1 drops everything; in Keras it drops nothing except in SimpleRNN.
  func addMasks(
    to constants: inout StepConstants, input: Shape, state: Shape, maskCount: Int,
    dropsAll: Bool = false, in context: CallContext
  ) throws(KerasError) {
    guard context.isTraining else { return }
    constants.inputMasks = try masks(dropout, input, maskCount, dropsAll, in: context)
    constants.stateMasks = try masks(recurrentDropout, state, maskCount, dropsAll, in: context)
  }

  private func masks(
    _ rate: Double, _ shape: Shape, _ count: Int, _ dropsAll: Bool, in context: CallContext
  ) throws(KerasError) -> [Value] {
    if rate >= 1 { return dropsAll ? [try context.graph.filled(0, shape)] : [] }
    guard rate > 0 else { return [] }
    var masks: [Value] = []
    for _ in 0..<count {
      let kept = try context.graph.random(
        .bernoulli(probability: Float(1 - rate)), shape: shape, seed: context.randomSeed(seed))
      masks.append(try context.graph.unary(.linear(scale: Float(1 / (1 - rate)), offset: 0), kept))
    }
    return masks
  }
}

extension GraphBuilder {
  /// `x · kernel`, whose columns are those of `gateCount` gates, with dropout's masks on `x`: none, one, or one for
  /// each gate.
  func gatedProduct(
    _ x: Value, _ kernel: Value, gateCount: Int, masks: [Value]
  ) throws(KerasError) -> Value {
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
    var parts: [Value] = []
    for index in 0..<count {
      parts.append(try slice(x, axis: -1, from: index * (length ?? 0), count: length))
    }
    return parts
  }
}

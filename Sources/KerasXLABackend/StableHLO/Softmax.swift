import KerasGraph

extension SoftmaxOperation {
  /// `exp(x − max) / Σ exp(x − max)`.
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (hlo, x) = (node.hlo, node.inputs[0])
    let kept = x.lengths.indices.filter { $0 != axis }
    let maximum = hlo.reduce(x, axes: [axis], "maximum", from: hlo.lowest(x.type))
    let powers = hlo.unary(
      "exponential", hlo.subtract(x, hlo.broadcast(maximum, to: x.lengths, dimensions: kept)))
    let sum = hlo.sum(powers, axes: [axis])
    return [hlo.divide(powers, hlo.broadcast(sum, to: x.lengths, dimensions: kept))]
  }
}

import KerasGraph

extension StandardizeOperation {
  /// `(x − mean) / √(variance + epsilon)` along the last axis, the variance around the mean.
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (hlo, x) = (node.hlo, node.inputs[0])
    let (last, kept) = (x.rank - 1, Array(0..<x.rank - 1))
    func mean(_ value: HLOValue) -> HLOValue {
      hlo.binary("divide", hlo.sum(value, axes: [last]), Double(x.lengths[last]))
    }
    let deviation = hlo.subtract(x, hlo.broadcast(mean(x), to: x.lengths, dimensions: kept))
    let variance = mean(hlo.multiply(deviation, deviation))
    let scale = hlo.unary("rsqrt", hlo.binary("add", variance, Double(epsilon)))
    return [hlo.multiply(deviation, hlo.broadcast(scale, to: x.lengths, dimensions: kept))]
  }
}

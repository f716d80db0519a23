import KerasGraph

extension BatchNormalizationOperation {
  /// `activation((x − mean) · scale + beta)` with `scale = gamma / √(variance + epsilon)`.
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (hlo, x) = (node.hlo, node.inputs[0])
    let (gamma, beta, mean, variance) = (node.inputs[1], node.inputs[2], node.inputs[3], node.inputs[4])
    func spread(_ value: HLOValue) -> HLOValue { hlo.broadcast(value, to: x.lengths) }
    let scale = hlo.divide(gamma, hlo.unary("sqrt", hlo.binary("add", variance, Double(epsilon))))
    let y = hlo.add(hlo.multiply(hlo.subtract(x, spread(mean)), spread(scale)), spread(beta))
    return [activation?.lower(y, hlo) ?? y]
  }
}

import KerasGraph

extension PadOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let x = node.inputs[0]
    // Through the conversion that tensors take, so that the value is rounded as elsewhere.
    let value = node.hlo.cast(node.hlo.constant(Double(self.value), .f32), to: x.type)
    return [node.hlo.pad(x, with: value, low: padding.map(\.before), high: padding.map(\.after))]
  }
}

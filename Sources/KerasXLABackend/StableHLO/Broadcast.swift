import KerasGraph

extension BroadcastOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    [node.hlo.broadcast(node.inputs[0], to: node.output.lengths)]
  }
}

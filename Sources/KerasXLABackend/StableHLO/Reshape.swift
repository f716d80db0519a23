import KerasGraph

extension ReshapeOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    [node.hlo.reshape(node.inputs[0], to: node.output.lengths)]
  }
}

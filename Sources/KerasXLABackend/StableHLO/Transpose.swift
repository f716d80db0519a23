import KerasGraph

extension TransposeOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] { [node.hlo.transpose(node.inputs[0], permutation)] }
}

import KerasGraph

extension ReverseOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] { [node.hlo.reverse(node.inputs[0], axes: axes)] }
}

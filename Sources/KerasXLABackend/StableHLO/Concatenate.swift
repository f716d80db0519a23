import KerasGraph

extension ConcatenateOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] { [node.hlo.concatenate(node.inputs, axis: axis)] }
}

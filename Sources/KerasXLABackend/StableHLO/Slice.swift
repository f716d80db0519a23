import KerasGraph

extension SliceOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    [node.hlo.slice(node.inputs[0], from: starts, to: ends, strides: strides)]
  }
}

import KerasGraph

extension SelectOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let operands = node.inputs.map { node.hlo.broadcast($0, to: node.output.lengths) }
    return [node.hlo.select(operands[0], operands[1], operands[2])]
  }
}

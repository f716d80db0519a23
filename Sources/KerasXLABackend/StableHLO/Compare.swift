import KerasGraph

extension CompareOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let a = node.hlo.broadcast(node.inputs[0], to: node.output.lengths)
    let b = node.hlo.broadcast(node.inputs[1], to: node.output.lengths)
    let direction =
      switch function {
      case .equal: "EQ"
      case .notEqual: "NE"
      case .less: "LT"
      case .lessEqual: "LE"
      case .greater: "GT"
      case .greaterEqual: "GE"
      }
    return [node.hlo.compare(direction, a, b)]
  }
}

import KerasGraph

extension ArgumentReductionOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let hlo = node.hlo
    let x = node.inputs[0].type == .i1 ? hlo.convert(node.inputs[0], to: .ui8) : node.inputs[0]
    let places = hlo.iota(x.lengths, axis: axis, .i32)
    let start = function == .maximum ? hlo.lowest(x.type) : hlo.highest(x.type)
    let found = hlo.reduce([x, places], axes: [axis], from: [start, hlo.highest(.i32)]) { best, next in
      // A NaN is better than any number; of equals the first is taken.
      let isBetter = hlo.compare(function == .maximum ? "GT" : "LT", next[0], best[0])
      let (nextIsNaN, bestIsNaN) = (hlo.compare("NE", next[0], next[0]), hlo.compare("NE", best[0], best[0]))
      let isFirstNaN = hlo.binary("and", nextIsNaN, hlo.unary("not", bestIsNaN))
      let areEqual = hlo.binary(
        "or", hlo.compare("EQ", next[0], best[0]), hlo.binary("and", nextIsNaN, bestIsNaN))
      let isEarlier = hlo.binary("and", areEqual, hlo.compare("LT", next[1], best[1]))
      let isTaken = hlo.binary("or", hlo.binary("or", isBetter, isFirstNaN), isEarlier)
      return [hlo.select(isTaken, next[0], best[0]), hlo.select(isTaken, next[1], best[1])]
    }
    return [hlo.reshape(found[1], to: node.output.lengths)]
  }
}

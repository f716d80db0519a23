import KerasGraph

extension CumulativeOperation {
  /// Each element gathers the one before it, then what stands 2, 4, 8, … places away (Hillis and Steele, 1986).
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (hlo, x) = (node.hlo, node.inputs[0])
    let (name, start): (String, HLOValue) =
      switch function {
      case .sum: ("add", hlo.constant(0, x.type))
      case .product: ("multiply", hlo.constant(1, x.type))
      case .maximum: ("maximum", hlo.lowest(x.type))
      case .minimum: ("minimum", hlo.highest(x.type))
      }
    /// What stands `distance` places away on the side where it begins, and what changes nothing where that is outside.
    func moved(_ value: HLOValue, by distance: Int) -> HLOValue {
      var low = [Int](repeating: 0, count: x.rank)
      low[axis] = isReversed ? -distance : distance
      return hlo.pad(value, with: start, low: low, high: low.map { -$0 })
    }
    var gathered = isExclusive ? moved(x, by: 1) : x
    var distance = 1
    while distance < x.lengths[axis] {
      gathered = hlo.binary(name, gathered, moved(gathered, by: distance))
      distance *= 2
    }
    return [gathered]
  }
}

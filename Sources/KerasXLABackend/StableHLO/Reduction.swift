import KerasGraph

extension ReductionOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let hlo = node.hlo
    let x = node.inputs[0]
    let reduced = x.type == .i1 ? truths(x, hlo) : numbers(x, hlo)
    return [hlo.reshape(reduced, to: node.output.lengths)]
  }

  private func numbers(_ x: HLOValue, _ hlo: HLOWriter) -> HLOValue {
    switch function {
    case .sum: return hlo.sum(x, axes: axes)
    case .product: return hlo.reduce(x, axes: axes, "multiply", from: hlo.constant(1, x.type))
    case .maximum: return hlo.reduce(x, axes: axes, "maximum", from: hlo.lowest(x.type))
    case .minimum: return hlo.reduce(x, axes: axes, "minimum", from: hlo.highest(x.type))
    case .mean:
      let count = axes.reduce(1) { $0 * x.lengths[$1] }
      guard x.type.isFloatingPoint else {
        // Of integers rounded towards zero, the sum kept in 64 bits.
        let sum = hlo.sum(hlo.convert(x, to: .i64), axes: axes)
        return hlo.convert(hlo.quotient(sum, hlo.integer(count, .i64, sum.lengths)), to: x.type)
      }
      return hlo.binary("divide", hlo.sum(x, axes: axes), Double(count))
    }
  }

  /// Truth values count as 0 and 1, and what is not 0 is true.
  private func truths(_ x: HLOValue, _ hlo: HLOWriter) -> HLOValue {
    switch function {
    case .sum, .maximum: hlo.reduce(x, axes: axes, "or", from: hlo.constant(0, .i1))
    case .mean, .minimum, .product: hlo.reduce(x, axes: axes, "and", from: hlo.constant(1, .i1))
    }
  }
}

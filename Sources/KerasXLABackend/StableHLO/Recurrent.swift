import KerasGraph

extension RecurrentOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (hlo, isLSTM) = (node.hlo, cell == .lstm)
    let kernel = node.inputs[isLSTM ? 3 : 2]
    let results = hlo.scan(
      steps: node.output.lengths[0], isReversed: isReversed,
      states: isLSTM ? Array(node.inputs[1...2]) : [node.inputs[1]],
      over: [node.inputs[0]] + (hasMask ? [node.inputs[4]] : []), outputs: node.outputs
    ) { before, elements in
      let projection = elements[0]
      var product = hlo.dot(before[0], kernel, contracting: (1, 0), projection.spec, node.graph.precision)
      if !isLSTM { product = hlo.add(product, hlo.broadcast(node.inputs[3], to: product.lengths)) }
      let (made, gates) =
        isLSTM ? lstm(before, hlo.add(projection, product), hlo) : gru(before[0], projection, product, hlo)
      let states = hasMask ? zip(made, before).map { hlo.select(elements[1], row: $0, $1) } : made
      return (states, states + (savesGates ? [hlo.concatenate(gates, axis: 1)] : []))
    }
    return results.outputs
  }

  /// h and c, and the gates i, f, g, o.
  private func lstm(_ before: [HLOValue], _ sum: HLOValue, _ hlo: HLOWriter) -> ([HLOValue], [HLOValue]) {
    let sums = hlo.columns(sum, 4)
    let (i, f) = (hlo.unary("logistic", sums[0]), hlo.unary("logistic", sums[1]))
    let (g, o) = (hlo.unary("tanh", sums[2]), hlo.unary("logistic", sums[3]))
    let c = hlo.add(hlo.multiply(f, before[1]), hlo.multiply(i, g))
    return ([hlo.multiply(o, hlo.unary("tanh", c)), c], [i, f, g, o])
  }

  /// h, and z, r, g and the product of g.
  private func gru(
    _ before: HLOValue, _ projection: HLOValue, _ product: HLOValue, _ hlo: HLOWriter
  ) -> ([HLOValue], [HLOValue]) {
    let (p, q) = (hlo.columns(projection, 3), hlo.columns(product, 3))
    let (z, r) = (hlo.unary("logistic", hlo.add(p[0], q[0])), hlo.unary("logistic", hlo.add(p[1], q[1])))
    let g = hlo.unary("tanh", hlo.add(p[2], hlo.multiply(r, q[2])))
    return ([hlo.add(hlo.multiply(z, before), hlo.multiply(hlo.complement(z), g))], [z, r, g, q[2]])
  }
}

extension HLOWriter {
  /// A matrix cut into blocks of equally many columns.
  func columns(_ x: HLOValue, _ count: Int) -> [HLOValue] {
    let (rows, width) = (x.lengths[0], x.lengths[1] / count)
    return (0..<count).map { slice(x, from: [0, $0 * width], to: [rows, ($0 + 1) * width]) }
  }

  /// Row by row one of two matrices.
  func select(_ isFirst: HLOValue, row first: HLOValue, _ second: HLOValue) -> HLOValue {
    select(broadcast(isFirst, to: first.lengths, dimensions: [0]), first, second)
  }

  /// `1 − x`.
  func complement(_ x: HLOValue) -> HLOValue { subtract(constant(1, x.type, x.lengths), x) }
}

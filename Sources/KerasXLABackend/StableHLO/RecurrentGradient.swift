import KerasGraph

extension RecurrentGradientOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (hlo, isLSTM) = (node.hlo, cell == .lstm)
    let (saved, initial) = (node.inputs[0], node.inputs[2])
    let kernel = node.inputs[isLSTM ? 5 : 3]
    // Of each step: the gates, what came back, the states before, the mask.
    var sequences = [saved, node.inputs[isLSTM ? 6 : 4]]
    if isLSTM {
      sequences += [node.inputs[7], node.inputs[3], before(node.inputs[3], node.inputs[4], hlo)]
    } else {
      sequences.append(before(node.inputs[1], initial, hlo))
    }
    if hasMask { sequences.append(node.inputs[isLSTM ? 8 : 5]) }
    let zero = hlo.constant(0, initial.type, initial.lengths)
    let gradients = isLSTM ? [node.outputs[0]] : [node.outputs[0], node.outputs[2]]
    let results = hlo.scan(
      steps: saved.lengths[0], isReversed: !isReversed, states: isLSTM ? [zero, zero] : [zero],
      over: sequences,
      outputs: gradients
    ) { later, elements in
      // What the states of this step get back in all.
      let totals = zip(later, elements.dropFirst()).map { hlo.add($0, $1) }
      let undone =
        isLSTM
        ? undoneLSTM(totals, saved: elements[0], cell: elements[3], before: elements[4], hlo)
        : undoneGRU(totals[0], saved: elements[0], before: elements[2], hlo)
      var (states, gates) = undone
      if hasMask, let mask = elements.last {
        states = zip(states, totals).map { hlo.select(mask, row: $0, $1) }
        gates = gates.map { hlo.select(mask, row: $0, hlo.constant(0, $0.type, $0.lengths)) }
      }
      let products = gates[gates.count - 1]
      let past = hlo.dot(products, kernel, contracting: (1, 1), initial.spec, node.graph.precision)
      states[0] = hlo.add(states[0], past)
      return (states, gates)
    }
    return isLSTM
      ? [results.outputs[0]] + results.states : [results.outputs[0], results.states[0], results.outputs[1]]
  }

  /// The state before each step.
  private func before(_ sequence: HLOValue, _ initial: HLOValue, _ hlo: HLOWriter) -> HLOValue {
    let steps = sequence.lengths[0]
    guard steps > 0 else { return sequence }
    let first = hlo.reshape(initial, to: [1] + initial.lengths)
    guard steps > 1 else { return first }
    let others = hlo.slice(
      sequence, from: [isReversed ? 1 : 0, 0, 0], to: [isReversed ? steps : steps - 1] + initial.lengths)
    return hlo.concatenate(isReversed ? [others, first] : [first, others], axis: 0)
  }

  /// What h and c before get back beside the product, and the sums of the gates.
  private func undoneLSTM(
    _ totals: [HLOValue], saved: HLOValue, cell: HLOValue, before: HLOValue, _ hlo: HLOWriter
  ) -> (states: [HLOValue], gates: [HLOValue]) {
    let gates = hlo.columns(saved, 4)
    let (i, f, g, o) = (gates[0], gates[1], gates[2], gates[3])
    let bent = hlo.unary("tanh", cell)
    let d = hlo.add(totals[1], hlo.product([totals[0], o, hlo.complement(hlo.multiply(bent, bent))]))
    let sums = [
      hlo.product([d, g, i, hlo.complement(i)]), hlo.product([d, before, f, hlo.complement(f)]),
      hlo.product([d, i, hlo.complement(hlo.multiply(g, g))]),
      hlo.product([totals[0], bent, o, hlo.complement(o)]),
    ]
    let zero = hlo.constant(0, d.type, d.lengths)
    return ([zero, hlo.multiply(d, f)], [hlo.concatenate(sums, axis: 1)])
  }

  /// What h before gets back beside the product, the sums of the gates, and what the product gets back.
  private func undoneGRU(
    _ total: HLOValue, saved: HLOValue, before: HLOValue, _ hlo: HLOWriter
  ) -> (states: [HLOValue], gates: [HLOValue]) {
    let gates = hlo.columns(saved, 4)
    let (z, r, g, q) = (gates[0], gates[1], gates[2], gates[3])
    let dg = hlo.product([total, hlo.complement(z), hlo.complement(hlo.multiply(g, g))])
    let dz = hlo.product([total, hlo.subtract(before, g), z, hlo.complement(z)])
    let dr = hlo.product([dg, q, r, hlo.complement(r)])
    let products = hlo.concatenate([dz, dr, hlo.multiply(dg, r)], axis: 1)
    return ([hlo.multiply(total, z)], [hlo.concatenate([dz, dr, dg], axis: 1), products])
  }
}

extension HLOWriter {
  fileprivate func product(_ factors: [HLOValue]) -> HLOValue {
    factors.dropFirst().reduce(factors[0]) { multiply($0, $1) }
  }
}

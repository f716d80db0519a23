import KerasGraph

extension SearchSortedOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] {
    let (vector, values) = (node.inputs[0], node.inputs[1])
    return [vector.lengths[0] <= 64 ? count(vector, values, node) : halve(vector, values, node)]
  }

  /// As many elements as are before a value.
  private func count(_ vector: HLOValue, _ values: HLOValue, _ node: NodeLowering) -> HLOValue {
    let hlo = node.hlo
    let lengths = values.lengths + vector.lengths
    let isBefore = hlo.compare(
      passesEqual ? "LE" : "LT", hlo.broadcast(vector, to: lengths),
      hlo.broadcast(values, to: lengths, dimensions: Array(values.lengths.indices)))
    return hlo.sum(hlo.convert(isBefore, to: .i32), axes: [values.rank])
  }

  /// Halves the vector for all values at once until one place is left to each.
  private func halve(_ vector: HLOValue, _ values: HLOValue, _ node: NodeLowering) -> HLOValue {
    let (hlo, length, lengths) = (node.hlo, vector.lengths[0], values.lengths)
    let start = [hlo.constant(0, .i32, lengths), hlo.integer(length, .i32, lengths)]
    // Every pass leaves at most half of the places.
    let passes = Int.bitWidth - length.leadingZeroBitCount
    return hlo.scan(
      steps: passes, states: start, over: [], outputs: []
    ) { bounds, _ in
      let (low, high) = (bounds[0], bounds[1])
      let half = hlo.binary("shift_right_logical", hlo.subtract(high, low), 1)
      let middle = hlo.add(low, half)
      let element = hlo.gather(
        vector, at: hlo.binary("minimum", middle, Double(length - 1)), axis: 0, .slices,
        to: HLOSpec(lengths, vector.type))
      let isOpen = hlo.compare("LT", low, high)
      let isBefore = hlo.compare(passesEqual ? "LE" : "LT", element, values)
      let goesOn = hlo.binary("and", isOpen, isBefore)
      return (
        [
          hlo.select(goesOn, hlo.binary("add", middle, 1), low),
          hlo.select(hlo.binary("and", isOpen, hlo.unary("not", isBefore)), middle, high),
        ], []
      )
    }.states[0]
  }
}

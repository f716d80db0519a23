import Glibc
import KerasGraph

/// The body evaluated once a step.
func scan(
  _ operation: ScanOperation, _ inputs: [NaiveTensor], _ outputs: [TensorSpec]
) throws(KerasError) -> [NaiveTensor] {
  let (stateCount, sequenceCount) = (operation.stateCount, operation.sequenceCount)
  var states = Array(inputs.prefix(stateCount))
  let sequences = inputs[stateCount..<stateCount + sequenceCount]
  let captured = Array(inputs.dropFirst(stateCount + sequenceCount))
  let steps = sequences.first?.shape[0] ?? 0
  let outputCount = operation.body.graph.outputs.count - stateCount
  // By step, in the sequences' order.
  var stacked = [[NaiveTensor]](repeating: [], count: steps)
  for step in operation.isReversed ? Array((0..<steps).reversed()) : Array(0..<steps) {
    let results = try operation.body.graph.evaluated(on: states + sequences.map { $0.step(step) } + captured)
    stacked[step] = results.dropFirst(stateCount) + (operation.keepsStates ? states : [])
    states = Array(results.prefix(stateCount))
  }
  let count = outputCount + (operation.keepsStates ? stateCount : 0)
  return states
    + (0..<count).map { index in
      let shape = outputs[stateCount + index].shape.dropFirst().compactMap { $0 }
      return NaiveTensor.stacked(stacked.map { $0[index] }, shape: shape)
    }
}

private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// Where a recurrent layer stands: batch row and unit to number.
private typealias State = [[Double]]

private func rows(_ tensor: NaiveTensor) -> State {
  (0..<tensor.shape[0]).map { tensor.step($0).elements }
}

func recurrent(_ operation: RecurrentOperation, _ inputs: [NaiveTensor]) -> [NaiveTensor] {
  let isLSTM = operation.cell == .lstm
  let projections = inputs[0]
  let kernel = inputs[isLSTM ? 3 : 2]
  let (steps, batch, units) = (projections.shape[0], projections.shape[1], kernel.shape[0])
  var (h, c) = (rows(inputs[1]), isLSTM ? rows(inputs[2]) : [])
  var (sequence, cells, saved) = (
    [State](repeating: [], count: steps), [State](repeating: [], count: steps),
    [State](repeating: [], count: steps)
  )
  for step in operation.isReversed ? Array((0..<steps).reversed()) : Array(0..<steps) {
    var (newH, newC, gates) = (h, c, State(repeating: [], count: batch))
    for row in 0..<batch {
      gates[row] = [Double](repeating: 0, count: 4 * units)
      for u in 0..<units {
        func product(_ gate: Int) -> Double {
          let bias = isLSTM ? 0 : inputs[3][[gate * units + u]]
          return (0..<units).reduce(bias) { $0 + h[row][$1] * kernel[[$1, gate * units + u]] }
        }
        func projection(_ gate: Int) -> Double { projections[[step, row, gate * units + u]] }
        let isMasked = operation.hasMask && inputs[4][[step, row]] == 0
        let (a, b) = (sigmoid(projection(0) + product(0)), sigmoid(projection(1) + product(1)))
        if isLSTM {
          let (g, o) = (Glibc.tanh(projection(2) + product(2)), sigmoid(projection(3) + product(3)))
          let cell = b * c[row][u] + a * g
          for (gate, value) in [a, b, g, o].enumerated() { gates[row][gate * units + u] = value }
          if !isMasked { (newC[row][u], newH[row][u]) = (cell, o * Glibc.tanh(cell)) }
        } else {
          let g = Glibc.tanh(projection(2) + b * product(2))
          for (gate, value) in [a, b, g, product(2)].enumerated() { gates[row][gate * units + u] = value }
          if !isMasked { newH[row][u] = a * h[row][u] + (1 - a) * g }
        }
      }
    }
    (h, c) = (newH, newC)
    (sequence[step], cells[step], saved[step]) = (h, c, gates)
  }
  func tensor(_ states: [State], _ width: Int) -> NaiveTensor {
    NaiveTensor(shape: [steps, batch, width], elements: states.flatMap { $0.flatMap { $0 } })
  }
  return [tensor(sequence, units)] + (isLSTM ? [tensor(cells, units)] : [])
    + (operation.savesGates ? [tensor(saved, 4 * units)] : [])
}

func recurrentGradient(_ operation: RecurrentGradientOperation, _ inputs: [NaiveTensor]) -> [NaiveTensor] {
  let isLSTM = operation.cell == .lstm
  let (saved, sequence, kernel) = (inputs[0], inputs[1], inputs[isLSTM ? 5 : 3])
  let (steps, batch, units) = (sequence.shape[0], sequence.shape[1], sequence.shape[2])
  let width = operation.cell.gateCount * units
  var projections = NaiveTensor([steps, batch, width]) { _ in 0 }
  var products = projections
  var dh = NaiveTensor([batch, units]) { _ in 0 }
  var dc = dh
  for number in 0..<steps {
    let step = operation.isReversed ? number : steps - 1 - number
    let isFirst = number == steps - 1
    let before = operation.isReversed ? step + 1 : step - 1
    func earlier(_ states: Int, _ initial: Int, _ row: Int, _ u: Int) -> Double {
      isFirst ? inputs[initial][[row, u]] : inputs[states][[before, row, u]]
    }
    var passed = NaiveTensor([batch, units]) { _ in 0 }
    for row in 0..<batch {
      let isMasked = operation.hasMask && inputs[isLSTM ? 8 : 5][[step, row]] == 0
      for u in 0..<units {
        let place = row * units + u
        let total = dh.elements[place] + inputs[isLSTM ? 6 : 4][[step, row, u]]
        func gate(_ number: Int) -> Double { saved[[step, row, number * units + u]] }
        func store(_ gates: [Double], _ sums: [Double]) {
          for number in gates.indices {
            let target = projections.offset([step, row, number * units + u])
            (projections.elements[target], products.elements[target]) = (gates[number], sums[number])
          }
        }
        if isLSTM {
          let cellTotal = dc.elements[place] + inputs[7][[step, row, u]]
          if isMasked {
            (passed.elements[place], dc.elements[place]) = (total, cellTotal)
            continue
          }
          let (i, f, g, o) = (gate(0), gate(1), gate(2), gate(3))
          let bent = Glibc.tanh(inputs[3][[step, row, u]])
          let d = cellTotal + total * o * (1 - bent * bent)
          let c = earlier(3, 4, row, u)
          let gates = [
            d * g * i * (1 - i), d * c * f * (1 - f), d * i * (1 - g * g), total * bent * o * (1 - o),
          ]
          store(gates, gates)
          dc.elements[place] = d * f
        } else {
          if isMasked {
            passed.elements[place] = total
            continue
          }
          let (z, r, g, q) = (gate(0), gate(1), gate(2), gate(3))
          let dg = total * (1 - z) * (1 - g * g)
          let dz = total * (earlier(1, 2, row, u) - g) * z * (1 - z)
          let dr = dg * q * r * (1 - r)
          store([dz, dr, dg], [dz, dr, dg * r])
          passed.elements[place] = total * z
        }
      }
    }
    dh = NaiveTensor([batch, units]) { index in
      (0..<width).reduce(passed[index]) { $0 + products[[step, index[0], $1]] * kernel[[index[1], $1]] }
    }
  }
  return [projections, dh, isLSTM ? dc : products]
}

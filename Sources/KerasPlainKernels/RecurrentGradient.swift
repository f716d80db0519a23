import KerasGraph

/// The steps of a recurrent layer from the last to the first: one pass over the gates, then one product.
struct RecurrentGradientKernel: Kernel {
  private let operation: RecurrentGradientOperation
  private let steps, batch, units: Int
  private let multiplier: any MatrixMultiplier

  /// - Parameter sequence: the lengths of every step's h.
  init(_ operation: RecurrentGradientOperation, sequence: [Int], with multiplier: any MatrixMultiplier) {
    self.operation = operation
    (steps, batch, units) = (sequence[0], sequence[1], sequence[2])
    self.multiplier = multiplier
  }

  var summary: String {
    "gradient of \(operation.cell.rawValue) of \(steps) steps, \(multiplier.name) \(batch)×\(width)×\(units)"
  }

  private var width: Int { operation.cell.gateCount * units }
  private var isLSTM: Bool { operation.cell == .lstm }

  func run(_ operands: Operands) {
    func numbers(_ position: Int) -> UnsafePointer<Float> { operands.input(position) }
    let (saved, states, initial) = (numbers(0), numbers(1), numbers(2))
    let kernel = numbers(isLSTM ? 5 : 3)
    let upstream = numbers(isLSTM ? 6 : 4)
    let mask = operation.hasMask ? operands.input(isLSTM ? 8 : 5, as: Bool.self) : nil
    let projections = operands.output(0, as: Float.self)
    /// What the state before the step being undone gets back; in the end, the initial state.
    let dh = operands.output(1, as: Float.self)
    /// LSTM: the same of the cell's state. GRU: what the products get back.
    let third = operands.output(2, as: Float.self)
    let size = batch * units
    dh.update(repeating: 0, count: size)
    if isLSTM { third.update(repeating: 0, count: size) }
    for number in 0..<steps {
      let step = operation.isReversed ? number : steps - 1 - number
      let stepBefore = operation.isReversed ? step + 1 : step - 1
      let isFirst = number == steps - 1
      for row in 0..<batch {
        let (place, start) = (step * batch + row, row * units)
        let line = Line(
          units: units, saved: saved + place * 4 * units, dh: dh + start, dy: upstream + place * units,
          isMasked: mask.map { !$0[place] } ?? false, gates: projections + place * width)
        if isLSTM {
          let cells = numbers(3)
          line.undoLSTM(
            cell: cells + place * units,
            before: isFirst ? numbers(4) + start : cells + (stepBefore * batch + row) * units,
            dc: third + start, dy: numbers(7) + place * units)
        } else {
          line.undoGRU(
            before: isFirst ? initial + start : states + (stepBefore * batch + row) * units,
            products: third + place * width)
        }
      }
      let products = UnsafePointer((isLSTM ? projections : third) + step * batch * width)
      multiplier.multiply(
        MatrixProduct(
          Matrix(products, stride: width), Matrix(kernel, stride: width, isTransposed: true), into: dh,
          stride: units, rows: batch, depth: width, columns: units, accumulates: true))
    }
  }

  /// One row of the batch at one step. `dh` comes with what later steps send back and leaves with what goes past
  /// the product to the state before.
  private struct Line {
    let units: Int
    let saved: UnsafePointer<Float>
    let dh: UnsafeMutablePointer<Float>
    let dy: UnsafePointer<Float>
    let isMasked: Bool
    let gates: UnsafeMutablePointer<Float>

    func undoLSTM(
      cell: UnsafePointer<Float>, before: UnsafePointer<Float>, dc: UnsafeMutablePointer<Float>,
      dy cellUpstream: UnsafePointer<Float>
    ) {
      for u in 0..<units {
        let (total, cellTotal) = (dh[u] + dy[u], dc[u] + cellUpstream[u])
        if isMasked {
          for gate in 0..<4 { gates[gate * units + u] = 0 }
          (dh[u], dc[u]) = (total, cellTotal)
          continue
        }
        let (i, f, g, o) = (saved[u], saved[units + u], saved[2 * units + u], saved[3 * units + u])
        let bent = Float.hyperbolicTangent(cell[u])
        let d = cellTotal + total * o * (1 - bent * bent)
        gates[u] = d * g * i * (1 - i)
        gates[units + u] = d * before[u] * f * (1 - f)
        gates[2 * units + u] = d * i * (1 - g * g)
        gates[3 * units + u] = total * bent * o * (1 - o)
        (dh[u], dc[u]) = (0, d * f)
      }
    }

    func undoGRU(before: UnsafePointer<Float>, products: UnsafeMutablePointer<Float>) {
      for u in 0..<units {
        let total = dh[u] + dy[u]
        if isMasked {
          for gate in 0..<3 { (gates[gate * units + u], products[gate * units + u]) = (0, 0) }
          dh[u] = total
          continue
        }
        let (z, r, g, q) = (saved[u], saved[units + u], saved[2 * units + u], saved[3 * units + u])
        let dg = total * (1 - z) * (1 - g * g)
        let dz = total * (before[u] - g) * z * (1 - z)
        let dr = dg * q * r * (1 - r)
        (gates[u], gates[units + u], gates[2 * units + u]) = (dz, dr, dg)
        (products[u], products[units + u], products[2 * units + u]) = (dz, dr, dg * r)
        dh[u] = total * z
      }
    }
  }
}

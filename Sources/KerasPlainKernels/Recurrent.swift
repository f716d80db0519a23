import KerasGraph

/// A recurrent layer step by step: one product, then one pass over the gates.
struct RecurrentKernel: Kernel {
  private let operation: RecurrentOperation
  private let steps, batch, units: Int
  private let multiplier: any MatrixMultiplier

  init(_ operation: RecurrentOperation, output: [Int], with multiplier: any MatrixMultiplier) {
    self.operation = operation
    (steps, batch, units) = (output[0], output[1], output[2])
    self.multiplier = multiplier
  }

  var summary: String {
    "\(operation.cell.rawValue) of \(steps) steps, \(multiplier.name) \(batch)×\(units)×\(width)"
  }
  var scratchByteCount: Int { batch * width * MemoryLayout<Float>.stride }

  private var width: Int { operation.cell.gateCount * units }

  func run(_ operands: Operands) {
    let isLSTM = operation.cell == .lstm
    let projections = operands.input(0, as: Float.self)
    let kernel = operands.input(isLSTM ? 3 : 2, as: Float.self)
    let mask = operation.hasMask ? operands.input(4, as: Bool.self) : nil
    let sums = operands.scratch.bindMemory(to: Float.self, capacity: batch * width)
    let size = batch * units
    var before = operands.input(1, as: Float.self)
    var cellBefore = operands.input(2, as: Float.self)
    for number in 0..<steps {
      let step = operation.isReversed ? steps - 1 - number : number
      let h = operands.output(0, as: Float.self) + step * size
      multiplier.multiply(
        MatrixProduct(
          Matrix(before, stride: units), Matrix(kernel, stride: width), into: sums, stride: width,
          rows: batch,
          depth: units, columns: width))
      for row in 0..<batch {
        let place = step * batch + row
        let line = Line(
          projection: projections + place * width, product: sums + row * width, h: h + row * units,
          before: before + row * units, units: units,
          saved: operation.savesGates
            ? operands.output(isLSTM ? 2 : 1, as: Float.self) + place * operation.cell.savedCount * units
            : nil,
          isMasked: mask.map { !$0[place] } ?? false)
        if isLSTM {
          line.runLSTM(
            cell: operands.output(1, as: Float.self) + step * size + row * units,
            before: cellBefore + row * units)
        } else {
          line.runGRU(bias: operands.input(3))
        }
      }
      before = UnsafePointer(h)
      if isLSTM { cellBefore = UnsafePointer(operands.output(1, as: Float.self) + step * size) }
    }
  }

  /// One row of the batch at one step.
  private struct Line {
    let projection, product: UnsafePointer<Float>
    let h: UnsafeMutablePointer<Float>
    let before: UnsafePointer<Float>
    let units: Int
    let saved: UnsafeMutablePointer<Float>?
    /// Whether the states stay.
    let isMasked: Bool

    func runLSTM(cell: UnsafeMutablePointer<Float>, before cellBefore: UnsafePointer<Float>) {
      for u in 0..<units {
        func sum(_ gate: Int) -> Float { projection[gate * units + u] + product[gate * units + u] }
        let (i, f) = (Float.sigmoid(sum(0)), Float.sigmoid(sum(1)))
        let (g, o) = (Float.hyperbolicTangent(sum(2)), Float.sigmoid(sum(3)))
        let c = f * cellBefore[u] + i * g
        save(u, (i, f, g, o))
        cell[u] = isMasked ? cellBefore[u] : c
        h[u] = isMasked ? before[u] : o * Float.hyperbolicTangent(c)
      }
    }

    func runGRU(bias: UnsafePointer<Float>) {
      for u in 0..<units {
        func product(_ gate: Int) -> Float { self.product[gate * units + u] + bias[gate * units + u] }
        func projection(_ gate: Int) -> Float { self.projection[gate * units + u] }
        let (z, r) = (Float.sigmoid(projection(0) + product(0)), Float.sigmoid(projection(1) + product(1)))
        let q = product(2)
        let g = Float.hyperbolicTangent(projection(2) + r * q)
        save(u, (z, r, g, q))
        h[u] = isMasked ? before[u] : z * before[u] + (1 - z) * g
      }
    }

    private func save(_ u: Int, _ gates: (Float, Float, Float, Float)) {
      guard let saved else { return }
      (saved[u], saved[units + u], saved[2 * units + u], saved[3 * units + u]) = gates
    }
  }
}

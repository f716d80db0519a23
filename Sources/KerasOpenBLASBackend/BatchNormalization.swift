import KerasGraph

/// `activation((x − mean) · scale + beta)` with `scale = gamma / √(variance + epsilon)`, once a run.
struct BatchNormalizationKernel: Kernel {
  private let operation: BatchNormalizationOperation
  private let channels: Int
  private let rows: Int

  init(_ operation: BatchNormalizationOperation, of input: [Int]) {
    self.operation = operation
    channels = input.last ?? 1
    rows = elementCountOf(Array(input.dropLast()))
  }

  var summary: String { "batchNormalization of \(channels) channels, \(rows) times" }
  var scratchByteCount: Int { channels * MemoryLayout<Float>.stride }

  func run(_ operands: Operands) {
    let (gamma, beta) = (operands.input(1), operands.input(2))
    let (mean, variance) = (operands.input(3), operands.input(4))
    let scale = operands.scratch.bindMemory(to: Float.self, capacity: channels)
    for c in 0..<channels {
      scale[c] = Float(Double(gamma[c]) / (Double(variance[c]) + Double(operation.epsilon)).squareRoot())
    }
    for row in 0..<rows {
      let (x, y) = (operands.input(0) + row * channels, operands.result + row * channels)
      for c in 0..<channels { y[c] = (x[c] - mean[c]) * scale[c] + beta[c] }
      operation.activation?.apply(to: y, y, count: channels)
    }
  }
}

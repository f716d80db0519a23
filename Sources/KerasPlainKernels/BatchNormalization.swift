import KerasGraph

/// `activation((x − mean) · scale + beta)` with `scale = gamma / √(variance + epsilon)`, once a run.
struct BatchNormalizationKernel: RealKernel {
  private let operation: BatchNormalizationOperation
  private let channels: Int
  private let rows: Int
  let dataType: DataType

  init(_ operation: BatchNormalizationOperation, of spec: TensorSpec) {
    self.operation = operation
    channels = spec.lengths.last ?? 1
    rows = elementCountOf(Array(spec.lengths.dropLast()))
    dataType = spec.dataType
  }

  var summary: String { "batchNormalization of \(channels) channels, \(rows) times" }
  var scratchByteCount: Int { channels * MemoryLayout<Double>.stride }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    func numbers(_ position: Int) -> UnsafePointer<R> { operands.input(position) }
    let (gamma, beta, mean, variance) = (numbers(1), numbers(2), numbers(3), numbers(4))
    let scale = operands.scratch.bindMemory(to: R.self, capacity: channels)
    for c in 0..<channels {
      scale[c] = R(narrowing: gamma[c].wide / (variance[c].wide + Double(operation.epsilon)).squareRoot())
    }
    for row in 0..<rows {
      let (x, y) = (numbers(0) + row * channels, operands.output(as: R.self) + row * channels)
      for c in 0..<channels { y[c] = (x[c] - mean[c]) * scale[c] + beta[c] }
      operation.activation?.apply(to: y, y, count: channels)
    }
  }
}

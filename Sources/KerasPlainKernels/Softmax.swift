import KerasGraph

/// `exp(x − max) / Σ exp(x − max)`, the sum kept as Double.
struct SoftmaxKernel: RealKernel {
  private let lines: Lines
  let dataType: DataType

  init(_ operation: SoftmaxOperation, of spec: TensorSpec) {
    lines = Lines(spec.lengths, axis: operation.axis)
    dataType = spec.dataType
  }

  var summary: String { "softmax of \(lines.length) elements, \(lines.count) times" }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    let (length, inner) = (lines.length, lines.inner)
    lines.forEach { _, start in
      let (x, y) = (operands.input(0, as: R.self) + start, operands.output(as: R.self) + start)
      var maximum = -R.infinity
      for k in 0..<length { maximum = maximum.larger(x[k * inner]) }
      var sum = 0.0
      for k in 0..<length {
        let power = R.exponential(x[k * inner] - maximum)
        y[k * inner] = power
        sum += power.wide
      }
      for k in 0..<length { y[k * inner] = R(narrowing: y[k * inner].wide / sum) }
    }
  }
}

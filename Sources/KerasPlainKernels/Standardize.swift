import KerasGraph

/// Mean and variance of each row as Double, the variance around the mean.
struct StandardizeKernel: RealKernel {
  private let epsilon: Float
  private let rows, length: Int
  let dataType: DataType

  init(_ operation: StandardizeOperation, of spec: TensorSpec) {
    epsilon = operation.epsilon
    length = spec.lengths.last ?? 1
    rows = elementCountOf(Array(spec.lengths.dropLast()))
    dataType = spec.dataType
  }

  var summary: String { "standardize \(length) elements, \(rows) times" }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    for row in 0..<rows {
      let x = operands.input(0, as: R.self) + row * length
      let y = operands.output(as: R.self) + row * length
      var sum = 0.0
      for i in 0..<length { sum += x[i].wide }
      let mean = sum / Double(length)
      var squares = 0.0
      for i in 0..<length {
        let deviation = x[i].wide - mean
        squares += deviation * deviation
      }
      let scale = 1 / (squares / Double(length) + Double(epsilon)).squareRoot()
      for i in 0..<length { y[i] = R(narrowing: (x[i].wide - mean) * scale) }
    }
  }
}

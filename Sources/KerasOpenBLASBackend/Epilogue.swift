import KerasGraph

extension Epilogue {
  /// Turns sums into `activation(scale · sum + bias + residual)`, in place.
  ///
  /// - Parameters:
  ///   - sums: rows `rows` of `[rows, channels]`, the whole result.
  ///   - operands: where the inputs of the whole node are.
  func apply(
    to sums: UnsafeMutablePointer<Float>, rows: Range<Int>, channels: Int, _ operands: Operands
  ) {
    let scale = scaleInput.map(operands.input)
    let bias = biasInput.map(operands.input)
    let residual = residualInput.map(operands.input)
    for row in rows {
      let y = sums + row * channels
      if let scale { for c in 0..<channels { y[c] *= scale[c] } }
      if let bias { for c in 0..<channels { y[c] += bias[c] } }
      if let residual {
        let r = residual + row * channels
        for c in 0..<channels { y[c] += r[c] }
      }
      activation?.apply(to: y, y, count: channels)
    }
  }
}

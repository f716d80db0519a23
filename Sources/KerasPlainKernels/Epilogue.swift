import KerasGraph

extension Epilogue {
  /// Turns sums into `activation(scale · sum + bias + residual)`, in place.
  ///
  /// - Parameters:
  ///   - sums: rows `rows` of `[rows, channels]`, the whole result.
  ///   - operands: where the inputs of the whole node are.
  func apply<R: Real>(to sums: UnsafeMutablePointer<R>, rows: Range<Int>, channels: Int, _ operands: Operands)
  {
    let scale = scaleInput.map { operands.input($0, as: R.self) }
    let bias = biasInput.map { operands.input($0, as: R.self) }
    let residual = residualInput.map { operands.input($0, as: R.self) }
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

  /// As plans tell it.
  var summary: String {
    let parts = [
      hasScale ? "scale" : nil, hasBias ? "bias" : nil, hasResidual ? "residual" : nil,
      activation.map { "\($0)" },
    ]
    return parts.compactMap { $0 }.map { ", \($0)" }.joined()
  }
}

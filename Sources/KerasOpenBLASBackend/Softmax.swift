import Glibc
import KerasGraph

/// `exp(x − max) / Σ exp(x − max)`, the sum kept as Double.
struct SoftmaxKernel: Kernel {
  /// The tensor seen as `[outer, length, inner]`.
  private let outer: Int
  private let length: Int
  private let inner: Int

  init(_ operation: SoftmaxOperation, of input: [Int]) {
    outer = elementCountOf(Array(input[..<operation.axis]))
    length = input[operation.axis]
    inner = elementCountOf(Array(input[(operation.axis + 1)...]))
  }

  var summary: String { "softmax of \(length) elements, \(outer * inner) times" }

  func run(_ operands: Operands) {
    for i in 0..<outer {
      for j in 0..<inner {
        let start = i * length * inner + j
        normalize(operands.input(0) + start, operands.result + start)
      }
    }
  }

  private func normalize(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    var maximum = -Float.infinity
    for k in 0..<length { maximum = larger(maximum, x[k * inner]) }
    var sum = 0.0
    for k in 0..<length {
      let power = exp(x[k * inner] - maximum)
      y[k * inner] = power
      sum += Double(power)
    }
    for k in 0..<length { y[k * inner] = Float(Double(y[k * inner]) / sum) }
  }
}

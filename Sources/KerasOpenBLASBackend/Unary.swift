import Glibc
import KerasGraph

struct UnaryKernel: Kernel {
  private let function: UnaryFunction
  private let count: Int

  init(_ operation: UnaryOperation, count: Int) {
    function = operation.function
    self.count = count
  }

  var summary: String { "\(function) of \(count) elements" }

  func run(_ operands: Operands) { function.apply(to: operands.input(0), operands.result, count: count) }
}

extension UnaryFunction {
  /// Writes the function of `count` numbers at `x` to `y`, which may be the same memory. A NaN stays one.
  func apply(to x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int) {
    @inline(__always) func map(_ function: (Float) -> Float) {
      for i in 0..<count { y[i] = function(x[i]) }
    }
    switch self {
    case .relu: map { $0 < 0 ? 0 : $0 }
    case .leakyRelu(let slope): map { $0 > 0 ? $0 : slope * $0 }
    case .elu(let alpha): map { $0 > 0 ? $0 : alpha * expm1($0) }
    case .clip(let low, let high):
      map {
        let raised = $0 < low ? low : $0
        return raised > high ? high : raised
      }
    case .sigmoid: map { 1 / (1 + exp(-$0)) }
    case .tanh: map { Glibc.tanh($0) }
    // ln(1 + eˣ) overflows for large x; this form does not.
    case .softplus: map { ($0 > 0 ? $0 : 0) + log1p(exp(-abs($0))) }
    case .softsign: map { $0 / (1 + abs($0)) }
    case .exponential: map { exp($0) }
    case .logarithm: map { log($0) }
    case .squareRoot: map { $0.squareRoot() }
    case .reciprocalSquareRoot: map { 1 / $0.squareRoot() }
    case .square: map { $0 * $0 }
    case .absolute: map { abs($0) }
    case .negate: map { -$0 }
    case .linear(let scale, let offset): map { scale * $0 + offset }
    }
  }
}

import KerasGraph

struct UnaryKernel: RealKernel {
  private let function: UnaryFunction
  private let count: Int
  let dataType: DataType

  init(_ operation: UnaryOperation, of spec: TensorSpec) {
    function = operation.function
    count = elementCountOf(spec.lengths)
    dataType = spec.dataType
  }

  var summary: String { "\(function) of \(count) elements" }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    function.apply(to: operands.input(0, as: R.self), operands.output(as: R.self), count: count)
  }
}

extension UnaryFunction {
  /// Writes the function of `count` numbers at `x` to `y`, which may be the same memory. A NaN stays one.
  func apply<R: Real>(to x: UnsafePointer<R>, _ y: UnsafeMutablePointer<R>, count: Int) {
    @inline(__always) func map(_ function: (R) -> R) {
      for i in 0..<count { y[i] = function(x[i]) }
    }
    @inline(__always) func clip(_ x: R, _ low: R, _ high: R) -> R {
      let raised = x < low ? low : x
      return raised > high ? high : raised
    }
    switch self {
    case .relu: map { $0 < 0 ? 0 : $0 }
    case .relu6: map { clip($0, 0, 6) }
    case .leakyRelu(let slope): map { $0 > 0 ? $0 : R(slope) * $0 }
    case .elu(let alpha): map { $0 > 0 ? $0 : R(alpha) * R.exponentialMinusOne($0) }
    case .clip(let low, let high): map { clip($0, R(low), R(high)) }
    case .sigmoid: map { R.sigmoid($0) }
    case .tanh: map { R.hyperbolicTangent($0) }
    // ln(1 + eˣ) overflows for large x; this form does not.
    case .softplus: map { ($0 > 0 ? $0 : 0) + R.logarithmOfOnePlus(R.exponential(-abs($0))) }
    case .softsign: map { $0 / (1 + abs($0)) }
    case .exponential: map { R.exponential($0) }
    case .exponentialMinusOne: map { R.exponentialMinusOne($0) }
    case .logarithm: map { R.logarithm($0) }
    case .logarithmOfOnePlus: map { R.logarithmOfOnePlus($0) }
    case .squareRoot: map { $0.squareRoot() }
    case .reciprocalSquareRoot: map { 1 / $0.squareRoot() }
    case .reciprocal: map { 1 / $0 }
    case .square: map { $0 * $0 }
    case .absolute: map { abs($0) }
    case .negate: map { -$0 }
    case .sign: map { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }
    case .floor: map { $0.rounded(.down) }
    case .ceiling: map { $0.rounded(.up) }
    case .round: map { $0.rounded(.toNearestOrEven) }
    case .sine: map { R.sine($0) }
    case .cosine: map { R.cosine($0) }
    case .tangent: map { R.tangent($0) }
    case .arcsine: map { R.arcsine($0) }
    case .arccosine: map { R.arccosine($0) }
    case .arctangent: map { R.arctangent($0) }
    case .hyperbolicSine: map { R.hyperbolicSine($0) }
    case .hyperbolicCosine: map { R.hyperbolicCosine($0) }
    case .errorFunction: map { R.errorFunction($0) }
    case .linear(let scale, let offset): map { R(scale) * $0 + R(offset) }
    }
  }
}

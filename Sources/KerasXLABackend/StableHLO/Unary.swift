import KerasGraph

extension UnaryOperation {
  func lower(_ node: NodeLowering) -> [HLOValue] { [function.lower(node.inputs[0], node.hlo)] }
}

extension UnaryFunction {
  /// The function of floating-point numbers of 32 or 64 bits.
  func lower(_ x: HLOValue, _ hlo: HLOWriter) -> HLOValue {
    func linear(_ scale: Float, _ offset: Float) -> HLOValue {
      let scaled = scale == 1 ? x : hlo.binary("multiply", x, Double(scale))
      return offset == 0 ? scaled : hlo.binary("add", scaled, Double(offset))
    }
    func clip(_ low: Double, _ high: Double) -> HLOValue {
      hlo.binary("minimum", hlo.binary("maximum", x, low), high)
    }
    switch self {
    case .relu: return hlo.binary("maximum", x, 0)
    case .relu6: return clip(0, 6)
    case .leakyRelu(let slope):
      return hlo.select(hlo.compare("GT", x, 0), x, hlo.binary("multiply", x, Double(slope)))
    case .elu(let alpha):
      let below = hlo.binary("multiply", hlo.unary("exponential_minus_one", x), Double(alpha))
      return hlo.select(hlo.compare("GT", x, 0), x, below)
    case .clip(let low, let high): return clip(Double(low), Double(high))
    case .sigmoid: return hlo.unary("logistic", x)
    case .tanh: return hlo.unary("tanh", x)
    case .softplus:
      // ln(1 + eˣ) overflows for large x; this form does not.
      let rest = hlo.unary("log_plus_one", hlo.unary("exponential", hlo.unary("negate", hlo.unary("abs", x))))
      return hlo.add(hlo.binary("maximum", x, 0), rest)
    case .softsign: return hlo.divide(x, hlo.binary("add", hlo.unary("abs", x), 1))
    case .exponential: return hlo.unary("exponential", x)
    case .exponentialMinusOne: return hlo.unary("exponential_minus_one", x)
    case .logarithm: return hlo.unary("log", x)
    case .logarithmOfOnePlus: return hlo.unary("log_plus_one", x)
    case .squareRoot: return hlo.unary("sqrt", x)
    case .reciprocalSquareRoot: return hlo.unary("rsqrt", x)
    case .reciprocal: return hlo.divide(hlo.constant(1, x.type, x.lengths), x)
    case .square: return hlo.multiply(x, x)
    case .absolute: return hlo.unary("abs", x)
    case .negate: return hlo.unary("negate", x)
    case .sign: return hlo.unary("sign", x)
    case .floor: return hlo.unary("floor", x)
    case .ceiling: return hlo.unary("ceil", x)
    case .round: return hlo.unary("round_nearest_even", x)
    case .sine: return hlo.unary("sine", x)
    case .cosine: return hlo.unary("cosine", x)
    case .tangent: return hlo.unary("tan", x)
    case .arcsine: return hlo.chlo("asin", x)
    case .arccosine: return hlo.chlo("acos", x)
    case .arctangent: return hlo.chlo("atan", x)
    case .hyperbolicSine: return hlo.chlo("sinh", x)
    case .hyperbolicCosine: return hlo.chlo("cosh", x)
    case .errorFunction: return hlo.chlo("erf", x)
    case .linear(let scale, let offset): return linear(scale, offset)
    }
  }
}

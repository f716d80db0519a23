import KerasGraph
import KerasKernels

extension GraphCompiler {
  mutating func compile(_ operation: UnaryOperation) throws(KerasError) {
    addUnary(operation.function, from: try number(0), to: output)
  }

  mutating func addUnary(_ function: UnaryFunction, from x: Tensor, to y: Tensor) {
    let (kernel, count) = (kk_function(function), x.elementCount)
    let (from, to) = (kernelType(x.type), kernelType(y.type))
    let part = Part(operation: "unary", byteCount: x.byteCount + y.byteCount)
    add("\(function) \(x.lengths)", places: [x.place, y.place], part: part) { operands in
      kk_unary(kernel, operands[0], from, operands[1], to, count)
    }
  }
}

extension kk_function {
  init(_ function: UnaryFunction?) {
    let (kind, a, b): (kk_function_kind, Float, Float)
    switch function {
    case nil: (kind, a, b) = (KK_IDENTITY, 0, 0)
    case .relu: (kind, a, b) = (KK_RELU, 0, 0)
    case .relu6: (kind, a, b) = (KK_CLIP, 0, 6)
    case .leakyRelu(let slope): (kind, a, b) = (KK_LEAKY_RELU, slope, 0)
    case .elu(let alpha): (kind, a, b) = (KK_ELU, alpha, 0)
    case .clip(let low, let high): (kind, a, b) = (KK_CLIP, low, high)
    case .sigmoid: (kind, a, b) = (KK_SIGMOID, 0, 0)
    case .tanh: (kind, a, b) = (KK_TANH, 0, 0)
    case .softplus: (kind, a, b) = (KK_SOFTPLUS, 0, 0)
    case .softsign: (kind, a, b) = (KK_SOFTSIGN, 0, 0)
    case .exponential: (kind, a, b) = (KK_EXPONENTIAL, 0, 0)
    case .exponentialMinusOne: (kind, a, b) = (KK_EXPONENTIAL_MINUS_ONE, 0, 0)
    case .logarithm: (kind, a, b) = (KK_LOGARITHM, 0, 0)
    case .logarithmOfOnePlus: (kind, a, b) = (KK_LOGARITHM_OF_ONE_PLUS, 0, 0)
    case .squareRoot: (kind, a, b) = (KK_SQUARE_ROOT, 0, 0)
    case .reciprocalSquareRoot: (kind, a, b) = (KK_RECIPROCAL_SQUARE_ROOT, 0, 0)
    case .reciprocal: (kind, a, b) = (KK_RECIPROCAL, 0, 0)
    case .square: (kind, a, b) = (KK_SQUARE, 0, 0)
    case .absolute: (kind, a, b) = (KK_ABSOLUTE, 0, 0)
    case .negate: (kind, a, b) = (KK_LINEAR, -1, 0)
    case .sign: (kind, a, b) = (KK_SIGN, 0, 0)
    case .floor: (kind, a, b) = (KK_FLOOR, 0, 0)
    case .ceiling: (kind, a, b) = (KK_CEILING, 0, 0)
    case .round: (kind, a, b) = (KK_ROUND, 0, 0)
    case .sine: (kind, a, b) = (KK_SINE, 0, 0)
    case .cosine: (kind, a, b) = (KK_COSINE, 0, 0)
    case .tangent: (kind, a, b) = (KK_TANGENT, 0, 0)
    case .arcsine: (kind, a, b) = (KK_ARCSINE, 0, 0)
    case .arccosine: (kind, a, b) = (KK_ARCCOSINE, 0, 0)
    case .arctangent: (kind, a, b) = (KK_ARCTANGENT, 0, 0)
    case .hyperbolicSine: (kind, a, b) = (KK_HYPERBOLIC_SINE, 0, 0)
    case .hyperbolicCosine: (kind, a, b) = (KK_HYPERBOLIC_COSINE, 0, 0)
    case .errorFunction: (kind, a, b) = (KK_ERROR_FUNCTION, 0, 0)
    case .linear(let scale, let offset): (kind, a, b) = (KK_LINEAR, scale, offset)
    }
    self.init(kind: kind, a: a, b: b)
  }
}
